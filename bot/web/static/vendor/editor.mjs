// What the pages of the studio take from CodeMirror: this, and nothing else, becomes codemirror.js (window.CodeMirror).
export { EditorState, Compartment, StateEffect, StateField, RangeSetBuilder, Prec, Annotation, Transaction } from "@codemirror/state";
export {
  EditorView, Decoration, ViewPlugin, Direction, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter,
  drawSelection, hoverTooltip, highlightSpecialChars, placeholder, scrollPastEnd,
} from "@codemirror/view";
export {
  syntaxTree, bracketMatching, foldGutter, foldKeymap, codeFolding, indentUnit, indentOnInput, syntaxHighlighting, HighlightStyle,
  StreamLanguage, LanguageSupport,
} from "@codemirror/language";
export { yaml, yamlLanguage } from "@codemirror/lang-yaml";
export { setDiagnostics, lintGutter, lintKeymap, openLintPanel, nextDiagnostic, forEachDiagnostic } from "@codemirror/lint";
export { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, startCompletion } from "@codemirror/autocomplete";
export { search, searchKeymap, highlightSelectionMatches, openSearchPanel } from "@codemirror/search";
export { defaultKeymap, history, historyKeymap, indentMore, indentLess, temporarilySetTabFocusMode } from "@codemirror/commands";
export { tags } from "@lezer/highlight";
