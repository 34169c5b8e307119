/** Texts as the codes of their pieces, and back. Code 0 stands for every piece that the network does not know. */

export function coded(text: string, vocabulary: readonly string[], split: "characters" | "words"): number[] {
  const codes = new Map(vocabulary.map((piece, code) => [piece, code]));
  const pieces = split === "characters" ? [...text] : text.split(/\s+/).filter(Boolean);
  return pieces.map((piece) => codes.get(piece) ?? 0);
}

export function typed(codes: readonly number[], vocabulary: readonly string[], split: "characters" | "words"): string {
  return codes.map((code) => vocabulary[code] ?? "").join(split === "characters" ? "" : " ");
}
