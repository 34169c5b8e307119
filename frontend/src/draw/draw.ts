/** From a panel to its picture. */

import type { PanelForm } from "../types";
import { bars } from "./bars";
import { images } from "./images";
import { matrix } from "./matrix";
import type { Drawing, Pen } from "./pen";
import { plot } from "./plot";
import { tokens } from "./tokens";

/** The picture of a panel; none of a formula, which is no picture. */
export function draw(panel: PanelForm, pen: Pen): Drawing | null {
  const [mark] = panel.marks;
  switch (mark.is) {
    case "matrix":
      return matrix(mark, panel, pen);
    case "images":
      return images(mark, pen);
    case "bars":
      return bars(mark, pen);
    case "tokens":
      return tokens(mark, pen);
    case "formula":
      return null;
    default:
      return plot(panel, pen);
  }
}
