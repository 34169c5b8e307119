/** Addresses of the chart, behind the "#": `/net/LSTM/gates?t=3`, `/lab/convolution`, `/?family=recurrent`. */

export interface Route {
  readonly kind: "chart" | "net" | "lab";
  /** Of the network or the lab. */
  readonly name: string;
  /** Which of its looks; "" for the first. */
  readonly look: string;
  readonly parameters: URLSearchParams;
}

/** What the text behind the "#" means; whatever it is, there is something to show. */
export function routeOf(hash: string): Route {
  const [path, query = ""] = split(hash.replace(/^#/, ""));
  const parameters = new URLSearchParams(query);
  const [, kind, name = "", look = ""] = path.split("/").map(plain);
  if ((kind === "net" || kind === "lab") && name) return { kind, name, look, parameters };
  return { kind: "chart", name: "", look: "", parameters };
}

function split(text: string): [string, string?] {
  const at = text.indexOf("?");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The text behind the "#" that means this. */
export function textOf({ kind, name, look, parameters }: Route): string {
  const path = kind === "chart" ? "/" : `/${[kind, name, ...(look ? [look] : [])].map(encodeURIComponent).join("/")}`;
  const query = parameters.toString();
  return query ? `${path}?${query}` : path;
}
