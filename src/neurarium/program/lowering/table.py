"""All lowerings."""

from neurarium.program.lowering import gradients, layers, numbers, shapes, sums
from neurarium.program.lowering.common import Table

LOWERINGS: Table = {**numbers.TABLE, **sums.TABLE, **shapes.TABLE, **layers.TABLE, **gradients.TABLE}
"""By ATen's name, with the overload where one differs from the others."""
