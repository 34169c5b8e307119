import { expect, test } from "vitest";
import { restore, state } from "../src/fragment";
import { Live, type Setting } from "../src/live";
import { call } from "../src/python";
import type { Control, LookForm } from "../src/types";
import { fixture } from "./program/fixtures";

interface Value {
  shape: number[];
  dtype: string;
  data: (number | boolean)[];
}
interface Scene {
  values: Record<string, Value>;
  controls: Control[];
}
const { look, start, changed } = fixture("scene") as { look: LookForm; start: Scene; changed: Scene };

/** The same JSON, computed numbers to 1e-5. */
function same(got: Record<string, unknown>, wanted: Scene): void {
  const { values, ...form } = JSON.parse(JSON.stringify(got)) as Scene & { values: Record<string, Value> };
  const { values: wantedValues, ...wantedForm } = wanted;
  expect(form).toEqual(wantedForm);
  expect(Object.keys(values).sort()).toEqual(Object.keys(wantedValues).sort());
  for (const [name, value] of Object.entries(wantedValues)) {
    expect([name, values[name].shape, values[name].dtype]).toEqual([name, value.shape, value.dtype]);
    value.data.forEach((each, i) => {
      if (typeof each === "boolean") expect(values[name].data[i]).toBe(each);
      else expect(Math.abs(Number(values[name].data[i]) - each), `${name} ${i}`).toBeLessThan(1e-5);
    });
  }
}

/** Every control as the changed scene has it. */
function change(live: Live): void {
  for (const control of changed.controls) {
    if (control.is === "button" || control.is === "state") continue;
    const setting: Setting =
      control.is === "picture" || control.is === "grid" ? control.value.data
      : control.is === "pointset" ? { xy: control.xy.data, group: control.group.data }
      : control.is === "noise" ? control.seed
      : control.value;
    live.set(control.name, setting);
  }
}

test("the page's scene equals Python's", async () => {
  same((await Live.open(look)).json(), start);
});

test("with every control moved the page's scene still equals Python's", async () => {
  const live = await Live.open(look);
  change(live);
  same(live.json(), changed);
});

test("a button takes what is computed over into a state", async () => {
  const live = await Live.open(look);
  live.press("step");
  live.press("step");
  expect(live.value("level")?.data[0]).toBe(3);
  expect(live.value("next")?.data[0]).toBe(4);
  live.reset("level");
  expect(live.value("level")?.data[0]).toBe(1);
});

test("an address restores what it was made of", async () => {
  const live = await Live.open(look);
  change(live);
  live.press("step");
  const text = new URLSearchParams(state(live)).toString();
  const again = await Live.open(look);
  restore(again, new URLSearchParams(text));
  expect(again.json()).toEqual(live.json());
  expect(new URLSearchParams(state(again)).toString()).toBe(text);
});

test("an address of nothing brings the start back", async () => {
  const live = await Live.open(look);
  expect(state(live)).toEqual([]);
  change(live);
  restore(live, new URLSearchParams());
  expect(state(live)).toEqual([]);
});

test("a sample in the address is its number", async () => {
  const live = await Live.open(look);
  const shelf = live.value("shelf")?.data as Float32Array;
  live.set("digit", Array.from(shelf.slice(128, 192)));
  expect(state(live)).toEqual([["digit", "s2"]]);
});

test("a table in the address is its numbers, or the number of its sample", async () => {
  const live = await Live.open(look);
  const numbers = [-2, Math.fround(0.1), 2, 0, -0.25, 0, 0, 1, 0];
  live.set("table", numbers);
  expect(state(live)).toEqual([["table", "-2_0.1_2_0_-0.25_0_0_1_0"]]);
  expect(call(live)).toContain('table=np.array([-2, 0.1, 2, 0, -0.25, 0, 0, 1, 0], "float32").reshape(3, 3)');
  const again = await Live.open(look);
  restore(again, new URLSearchParams(state(live)));
  expect(again.value("table")?.data).toEqual(Float32Array.from(numbers));
  live.set("table", new Array<number>(9).fill(1));
  expect(state(live)).toEqual([["table", "s1"]]);
});

test("what does not fit in an address is passed over", async () => {
  const live = await Live.open(look);
  restore(live, new URLSearchParams("t=99&angle=x&kind=7&digit=bAAAA&table=1_2_3&points=zz&place=9_9&noise=-1&level=AA&text=%%%&step=1&other=2"));
  expect(live.json()).toEqual((await Live.open(look)).json());
});

test("the Python call says what differs from the start", async () => {
  const live = await Live.open(look);
  expect(call(live)).toBe('neurarium.look(fitted, "every", X)');
  live.set("t", 5);
  live.set("bold", true);
  live.set("kind", 1);
  live.set("place", [1.5, -0.25]);
  expect(call(live)).toBe('neurarium.look(fitted, "every", X, t=5, bold=True, kind="b", place=(1.5, -0.25))');
});
