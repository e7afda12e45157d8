/** Names in a row, such as `Ann, Bob and 2 others`. */
export function namesInWords(names: readonly string[], most = 2): string {
  const shown = names.length > most ? names.slice(0, most - 1 || 1) : names;
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} ${rest === 1 ? "other" : "others"}`;
  return shown.length < 2 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}
