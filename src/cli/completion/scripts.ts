/** The shells that a script is there for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell that completes our command lines. */
export type Shell = (typeof SHELLS)[number];

/** The word after the program's name by which a script asks what can follow; then come the words up to the cursor. */
export const COMPLETE = "__complete";

/**
 * What a shell reads to complete command lines. Each script asks the program itself, which answers with a line a
 * candidate, `WORD<TAB>WHAT`, or with `:files` or `:dirs`, which the shell knows best. Nothing typed is evaluated.
 */
export const COMPLETION_SCRIPTS = {
  bash: `# bash completion of slipway
_slipway() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words=() word typed i
  # Readline has split at = what is one word to the program.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == = || \${COMP_WORDS[i - 1]} == = ]] && ((i > 1)); then
      words[-1]+=\${COMP_WORDS[i]}
    else
      words+=("\${COMP_WORDS[i]}")
    fi
  done
  [[ $cur == = ]] && cur=
  typed=\${words[-1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    case $word in
      :files | :dirs)
        compopt -o filenames
        local option=-f
        [[ $word == :dirs ]] && option=-d
        mapfile -t COMPREPLY < <(compgen "$option" -- "$cur")
        ;;
      "$typed"*) COMPREPLY+=("\${word#"\${typed%"$cur"}"}") ;;
    esac
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" ${COMPLETE} "\${words[@]}" 2>/dev/null)
  # Lists separated by commas go on.
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *, ]] && compopt -o nospace
}
complete -F _slipway slipway
`,
  zsh: `#compdef slipway
# zsh completion of slipway, to be sourced or to lie in a directory of fpath as _slipway
_slipway() {
  local -a candidates
  local line files program=\${(Q)words[1]}
  for line in "\${(@f)$(\${~program} ${COMPLETE} "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    case $line in
      :files | :dirs) files=$line ;;
      ?*) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  if [[ -n $files ]]; then
    compset -P '--*='
    [[ $files == :dirs ]] && _files -/ || _files
  else
    _describe -V slipway candidates
  fi
}
if [[ \${funcstack[1]} == _slipway ]]; then
  _slipway "$@"
else
  compdef _slipway slipway
fi
`,
  fish: `# fish completion of slipway
function __slipway_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  for line in ($words[1] ${COMPLETE} $words[2..-1] "$typed" 2>/dev/null)
    switch $line
      case :files :dirs
        set -l flag (string match -r -- '^--[^=]*=' "$typed")
        set -l name (string replace -r -- '^--[^=]*=' '' "$typed")
        if test $line = :dirs
          __fish_complete_directories "$name" '' | string replace -r '^' -- "$flag"
        else
          __fish_complete_path "$name" '' | string replace -r '^' -- "$flag"
        end
      case '*'
        echo $line
    end
  end
end
complete -c slipway -f -a '(__slipway_complete)'
`,
} as const satisfies Record<Shell, string>;
