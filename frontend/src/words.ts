/** Texts with places for numbers, filled letter for letter as `neurarium/page/words.py` fills them. */

import type { Arr, Language, Text } from "./types";

const PLACE = /\{([\p{L}\p{N}_]+)(?:\|([\p{L}\p{N}_]+))?(?::([+]?)(?:\.(\d+)([f%])|(d)))?\}/gu;

export type Entries = readonly (string | Text)[];

/** A text in a language; a user's own name is the same in all. */
export function said(text: string | Text, language: Language): string {
  return typeof text === "string" ? text : text[language];
}

/** The names of the arrays in a text's places. */
export function places(text: Text): string[] {
  return [...text.en.matchAll(PLACE)].map((match) => match[1]);
}

/** A text with the numbers in it. */
export function filled(
  text: string,
  language: Language,
  value: (name: string) => Arr | undefined,
  lists: Record<string, Entries>,
): string {
  if (!text.includes("{")) return text; // most texts of a page, at each redraw
  return text.replace(PLACE, (whole, name: string, of?: string, sign?: string, digits?: string, kind?: string) => {
    const number = value(name)?.data[0];
    if (number === undefined) return whole;
    if (of !== undefined) {
      const found = (lists[of] ?? [])[Math.trunc(number)];
      return found === undefined ? "" : said(found, language);
    }
    if (kind === "%") return `${fixed(100 * number, Number(digits), sign)} %`;
    if (digits !== undefined) return fixed(number, Number(digits), sign);
    return Number.isFinite(number) ? wholeNumber(number, sign) : strange(number, "");
  });
}

/** A number with so many decimals: of two that are equally near the even one, as in Python. */
export function fixed(number: number, digits: number, sign = ""): string {
  if (!Number.isFinite(number)) return strange(number, sign);
  const size = Math.abs(number);
  const negative = number < 0 || Object.is(number, -0);
  return (negative ? "-" : sign) + (size < 1e21 ? rounded(size, digits) : huge(size, digits));
}

function rounded(size: number, digits: number): string {
  const exact = size.toFixed(Math.min(100, digits + 60));
  const point = exact.indexOf(".");
  const rest = exact.slice(point + 1 + digits);
  const away = size.toFixed(digits); // a tie goes up here
  if (!/^50*$/.test(rest)) return away;
  const down = digits === 0 ? exact.slice(0, point) : exact.slice(0, point + 1 + digits);
  return Number(down[down.length - 1]) % 2 === 0 ? down : away;
}

function huge(size: number, digits: number): string {
  return BigInt(size).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
}

function wholeNumber(number: number, sign = ""): string {
  const text = fixed(number, 0, sign);
  return text === "-0" ? `${sign}0` : text;
}

function strange(number: number, sign = ""): string {
  const name = Number.isNaN(number) ? "nan" : "inf";
  return (number < 0 ? "-" : sign) + name;
}

/** A number with no more digits than one of 32 bits has; one of 64 bits with all of its own. */
export function least(number: number): string {
  for (let digits = 1; digits < 10 && Math.fround(number) === number; digits++) {
    const text = Number(number.toPrecision(digits));
    if (Math.fround(text) === number) return String(text);
  }
  return String(number);
}

/** A number for axes, tables and reading out: four digits that count, and a true minus. */
export function short(number: number | undefined): string {
  if (number === undefined || Number.isNaN(number)) return "–";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  const text =
    size >= 1e6 || size < 1e-4
      ? size.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e")
      : String(Number(size.toPrecision(4)));
  return (number < 0 ? "−" : "") + text.replace("e-", "e−");
}
