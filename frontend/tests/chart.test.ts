import { describe, expect, test } from "vitest";
import { routeOf, textOf } from "../src/chart/route";

describe("addresses of the chart", () => {
  test("say the kind, the name, the look and the state", () => {
    const route = routeOf("#/net/LSTM/gates?t=3&unit=5");
    expect([route.kind, route.name, route.look, route.parameters.get("unit")]).toEqual(["net", "LSTM", "gates", "5"]);
    expect(routeOf("#/lab/convolution").kind).toBe("lab");
    expect(routeOf("#/?family=recurrent").parameters.get("family")).toBe("recurrent");
  });

  test("mean the chart where they mean nothing", () => {
    for (const hash of ["", "#", "#/", "#nonsense", "#/net", "#/net/", "#/cell/x"]) expect(routeOf(hash).kind).toBe("chart");
  });

  test("come back from what they mean, whatever letters a name has", () => {
    for (const text of ["/", "/?cell=input", "/net/B%26K", "/net/LSTM/gates?t=3", "/lab/lstm?level=1"]) expect(textOf(routeOf(`#${text}`))).toBe(text);
    expect(routeOf("#/net/B&K").name).toBe("B&K");
    expect(routeOf("#/net/%E0%A4%A").name).toBe("%E0%A4%A");
  });

  test("keep a question mark that belongs to the state", () => {
    expect(routeOf("#/?text=a?b").parameters.get("text")).toBe("a?b");
  });
});
