/** A formula with live numbers, as MathML. */

import type { Language, Tree } from "../types";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const KNOWN = new Set(
  ("mrow mi mn mo ms mtext mspace msup msub msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd " +
    "mstyle mpadded mphantom mmultiscripts mprescripts menclose merror").split(" "),
);

type Fill = (text: string) => string;

/** A formula without its numbers, and what puts them in; what is no element of MathML is shown as text. */
export function formula(tree: Tree, language: Language): [math: Element, write: (fill: Fill) => void] {
  const texts: [Node, text: string, number: boolean][] = [];
  const node = (part: Tree, number: boolean): Node => {
    if (!Array.isArray(part)) {
      const made = document.createTextNode("");
      texts.push([made, typeof part === "string" ? part : part[language], number]);
      return made;
    }
    const [name, ...inside] = part;
    const known = typeof name === "string" && KNOWN.has(name);
    const element = document.createElementNS(MATHML, known ? name : "mtext");
    for (const each of known ? inside : part) element.append(node(each, number || name === "mn" || name === "mo"));
    return element;
  };
  const math = document.createElementNS(MATHML, "math");
  math.setAttribute("display", "block");
  math.append(node(tree, false));
  const write = (fill: Fill) => {
    for (const [place, text, number] of texts) {
      const filled = number ? fill(text).replace(/^-/, "−") : fill(text); // a number's minus is no hyphen
      if (place.nodeValue !== filled) place.nodeValue = filled;
    }
  };
  return [math, write];
}
