/** The form of a scene as Python writes it: see `neurarium/page/scene.py`, `marks.py` and `controls.py`. */

export type Language = "en" | "es";
export interface Text {
  en: string;
  es: string;
}

export type Numeric = ArrayLike<number>;
/** Numbers with a shape. */
export interface Arr {
  shape: readonly number[];
  dtype: string;
  data: Numeric;
}

export interface Ref {
  is: "ref";
  name: string;
  at: (string | number)[];
}
export interface Named {
  is: "named";
  codes: Ref;
  of: string;
}
export interface Entry {
  is: "entry";
  number: number | Ref;
  of: string;
}
export type Numbers = Ref | number | number[] | Packed;
export type Labels = Named | string | (string | Text)[];
export type ScaleName = "signed" | "magnitude" | "classes" | "ink";
export type Limits = [number, number] | Ref;

interface Scaled {
  limits?: Limits;
}

export interface CellsMark extends Scaled {
  is: "cells";
  x: Numbers;
  y: Numbers;
  kinds: string | string[];
  value?: Numbers;
  labels?: Labels;
  radius: number;
  scale: ScaleName;
  picks?: string;
  highlight?: Ref;
  sets?: Record<string, number>[];
}
export interface LinksMark extends Scaled {
  is: "links";
  x0: Numbers;
  y0: Numbers;
  x1: Numbers;
  y1: Numbers;
  weight: Numbers;
  arrows: boolean;
  picks?: string;
}
export interface SeriesMark {
  is: "series";
  y: Numbers;
  x?: Numbers;
  names?: Labels;
  style: "line" | "step" | "dots";
  low?: Numbers;
  high?: Numbers;
  cursor?: Numbers;
  picks?: string;
}
export interface PointsMark extends Scaled {
  is: "points";
  x: Numbers;
  y: Numbers;
  group?: Numbers;
  groups?: Labels;
  value?: Numbers;
  labels?: Labels;
  used?: Numbers;
  ring?: Numbers;
  size: number;
  scale: ScaleName;
  picks?: string;
  drags?: string;
}
export interface RasterMark extends Scaled {
  is: "raster";
  data: Ref;
  extent: [number, number, number, number];
  scale: ScaleName;
  levels: number[];
  groups?: Labels;
}
export interface HullMark extends Scaled {
  is: "hull";
  x: Numbers;
  y: Numbers;
  value?: Numbers;
  group?: Numbers;
  groups?: Labels;
  labels?: Labels;
  closed: boolean;
  scale: ScaleName;
  picks?: string;
  highlight?: Ref;
}
export interface WordsMark {
  is: "words";
  x: Numbers;
  y: Numbers;
  text: Labels;
}
export interface MatrixMark extends Scaled {
  is: "matrix";
  data: Ref;
  rows?: Labels;
  columns?: Labels;
  scale: ScaleName;
  numbers: boolean;
  picks?: [string, string];
  highlight?: [Ref | number, Ref | number];
  marked?: Ref;
}
export interface ImagesMark extends Scaled {
  is: "images";
  data: Ref;
  columns: number;
  labels?: Labels;
  scale: ScaleName;
  over?: Ref;
  over_limits?: Limits;
  picks?: string;
  highlight?: Ref;
  draws?: string;
}
export interface BarsMark extends Scaled {
  is: "bars";
  value: Ref;
  labels?: Labels;
  picks?: string;
  highlight?: Ref;
  threshold?: Numbers;
}
export interface TokensMark extends Scaled {
  is: "tokens";
  text: Labels;
  value?: Ref;
  scale: ScaleName;
  picks?: string;
  highlight?: Ref;
}
export type Tree = string | Text | Tree[];
export interface FormulaMark {
  is: "formula";
  tree: Tree[];
  plain: Text;
}
export type Plotted = CellsMark | LinksMark | SeriesMark | PointsMark | RasterMark | HullMark | WordsMark;
export type Alone = MatrixMark | ImagesMark | BarsMark | TokensMark | FormulaMark;
export type Mark = Plotted | Alone;

export interface AxisForm {
  is: "axis";
  label?: Text | Entry;
  low?: number | Ref;
  high?: number | Ref;
  log: boolean;
  ticks?: string | (string | Text)[];
}
export interface PanelForm {
  is: "panel";
  title: Text;
  marks: Mark[];
  note?: Text;
  x?: AxisForm;
  y?: AxisForm;
  square: boolean;
  size: "small" | "medium" | "wide";
  when?: [string, number[]];
}

interface Named2 {
  name: string;
  label: Text;
}
/** A NumPy array inside a scene's form. */
export interface Packed {
  shape: number[];
  dtype?: string;
  data: number[];
}
export interface NumberControl extends Named2 {
  is: "number";
  value: number;
  low: number;
  high: number;
  step: number;
  whole: boolean;
  plays: boolean;
}
export interface ChoiceControl extends Named2 {
  is: "choice";
  options: string | (string | Text)[];
  value: number;
  tabs: boolean;
}
export interface ToggleControl extends Named2 {
  is: "toggle";
  value: boolean;
}
export interface PictureControl extends Named2 {
  is: "picture";
  value: Packed;
  low: number;
  high: number;
  samples?: string;
  sample_labels?: string | string[];
  file: boolean;
}
export interface GridControl extends Named2 {
  is: "grid";
  value: Packed;
  low: number;
  high: number;
  step: number;
  samples?: string;
  sample_labels?: Labels;
}
export interface PointSetControl extends Named2 {
  is: "pointset";
  xy: Packed;
  group: Packed;
  groups: string | string[];
  capacity: number;
}
export interface PadControl extends Named2 {
  is: "pad";
  value: [number, number];
  low: [number, number];
  high: [number, number];
}
export interface TypedControl extends Named2 {
  is: "typed";
  value: number[];
  vocabulary: string;
  length: number;
  split: "characters" | "words";
}
export interface NoiseControl extends Named2 {
  is: "noise";
  shape: number[];
  seed: number;
}
export interface StateControl {
  is: "state";
  name: string;
  value: Packed;
}
export interface ButtonControl extends Named2 {
  is: "button";
  sets: Record<string, string>;
  plays: boolean;
  until?: string;
}
export type Control =
  | NumberControl
  | ChoiceControl
  | ToggleControl
  | PictureControl
  | GridControl
  | PointSetControl
  | PadControl
  | TypedControl
  | NoiseControl
  | StateControl
  | ButtonControl;
/** Those that a person sets. */
export type Settable = Exclude<Control, StateControl>;

export interface SceneForm {
  neurarium: number;
  look: string;
  title: Text;
  sentence: Text;
  panels: PanelForm[];
  controls: Control[];
  lists: Record<string, (string | Text)[]>;
  python: string;
  tries: Text[];
  only: Record<string, [string, number[]]>;
}

/** A look in the page's document; constants are packed as a Program's are. */
export interface LookForm {
  scene: SceneForm;
  constants?: Record<string, unknown>;
  blob?: string;
  program?: unknown;
}
export interface PageForm {
  neurarium: number;
  title: Text;
  network?: string;
  looks: LookForm[];
  /** The bytes of all constants, where the looks have them in common. */
  blob?: string;
}
