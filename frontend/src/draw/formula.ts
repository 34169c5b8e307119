/** A formula with live numbers, as MathML. */

import type { Language, Text, Tree } from "../types";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const KNOWN = new Set(
  ("mrow mi mn mo ms mtext mspace msup msub msubsup munder mover munderover mfrac msqrt mroot mtable mtr mtd " +
    "mstyle mpadded mphantom mmultiscripts mprescripts menclose merror").split(" "),
);

/** The parts of a formula; what is no element of MathML is shown as text. */
export function formula(tree: Tree, language: Language, fill: (text: string) => string): Element {
  const math = document.createElementNS(MATHML, "math");
  math.setAttribute("display", "block");
  math.append(node(tree, language, fill));
  return math;
}

function node(tree: Tree, language: Language, fill: (text: string) => string): Node {
  if (typeof tree === "string") return document.createTextNode(fill(tree));
  if (!Array.isArray(tree)) return document.createTextNode(fill((tree as Text)[language]));
  const [name, ...inside] = tree;
  // A number's minus is no hyphen.
  const filled = name === "mn" || name === "mo" ? (text: string) => fill(text).replace(/^-/, "−") : fill;
  const children = inside.map((each) => node(each, language, filled));
  const known = typeof name === "string" && KNOWN.has(name);
  const element = document.createElementNS(MATHML, known ? name : "mtext");
  if (!known) children.unshift(node(name, language, fill));
  element.append(...children);
  return element;
}
