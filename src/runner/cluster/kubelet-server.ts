export function startKubeletServer(_system: unknown, _options: unknown): { close(): Promise<void> } {
  return { close: async () => undefined };
}
