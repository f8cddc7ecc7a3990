import type { ComponentProgress } from "../components/types.ts";
import type { Progress, Ui } from "./ui.ts";

/** Runs `work` with a display of its progress, which appears at the first thing that is told. */
export async function showComponentProgress<T>(
  ui: Ui,
  work: (onProgress: (progress: ComponentProgress) => void) => Promise<T>,
): Promise<T> {
  const shown: { progress?: Progress } = {};
  try {
    const result = await work(({ component, activity, fraction }) => {
      shown.progress ??= ui.showProgress([
        { name: "components", short: "Get the component binaries", steps: 1 },
      ]);
      const percent = fraction === undefined ? "" : ` ${Math.floor(fraction * 100)}%`;
      shown.progress.waiting("components", `${component}:${percent} ${activity}`);
    });
    shown.progress?.done("components", undefined);
    await shown.progress?.end(true);
    return result;
  } catch (error) {
    await shown.progress?.end(false);
    throw error;
  }
}
