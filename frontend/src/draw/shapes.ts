/** A picture as a tree of SVG elements: put into the page with the fewest changes, or written to a file. */

export type Attributes = Record<string, string | number | undefined>;
export interface Shape {
  tag: string;
  at: Attributes;
  inside?: Shape[];
  text?: string;
}

const SVG = "http://www.w3.org/2000/svg";

export function shape(tag: string, at: Attributes, inside?: Shape[] | string): Shape {
  return typeof inside === "string" ? { tag, at, text: inside } : { tag, at, inside };
}

export function round(number: number): number {
  return Math.round(number * 100) / 100;
}

/** An attribute to as many digits as can be seen. */
function seen(value: string | number | undefined): string | number | undefined {
  return typeof value === "number" ? round(value) : value;
}

interface Drawn extends SVGElement {
  shape?: Shape;
}

/** Make the children of an element those of the tree; what is the same already is not touched. */
export function put(parent: Element, shapes: readonly Shape[]): void {
  let child = parent.firstChild as Drawn | null;
  for (const each of shapes) {
    if (child?.shape?.tag !== each.tag) {
      // Where one is no more there, or there is one more, those behind it stay what they are.
      const next = child?.nextSibling as Drawn | null;
      if (next?.shape?.tag === each.tag) child?.remove();
      child = next?.shape?.tag === each.tag ? next : parent.insertBefore(document.createElementNS(SVG, each.tag) as Drawn, child);
    }
    dress(child, each);
    child = child.nextSibling as Drawn | null;
  }
  while (child !== null) {
    const next = child.nextSibling as Drawn | null;
    child.remove();
    child = next;
  }
}

function dress(element: Drawn, shape: Shape): void {
  const before = element.shape;
  if (before === shape) return;
  for (const name in shape.at) {
    const value = seen(shape.at[name]);
    if (value === (before && seen(before.at[name]))) continue;
    if (value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, String(value));
  }
  if (before !== undefined) {
    for (const name in before.at) if (!(name in shape.at)) element.removeAttribute(name);
  }
  if (shape.text !== undefined) {
    if (before?.text !== shape.text) element.textContent = shape.text;
  } else if (shape.inside !== undefined || before?.inside !== undefined || before?.text !== undefined) {
    if (before?.text !== undefined) element.textContent = "";
    put(element, shape.inside ?? []);
  }
  element.shape = shape;
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

// Control characters that XML does not have at all.
const UNSAID = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export function escaped(text: string): string {
  return text.replace(UNSAID, "").replace(/[&<>"]/g, (each) => ESCAPES[each]);
}

/** The tree as text of an SVG file. */
export function written(shape: Shape): string {
  const attributes = Object.entries(shape.at)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escaped(String(seen(value)))}"`)
    .join("");
  const inside = shape.text !== undefined ? escaped(shape.text) : (shape.inside ?? []).map(written).join("");
  return `<${shape.tag}${attributes}>${inside}</${shape.tag}>`;
}
