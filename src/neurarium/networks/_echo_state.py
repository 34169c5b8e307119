"""The modules of the echo state network: a reservoir, and a read-out that sees its states in one of three ways."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from neurarium.core.scaling import Standardise
from neurarium.core.stages import Stage
from neurarium.networks._reservoir import ReservoirModule, StepModule, segment_means
from neurarium.program.loop import Loop

_N_ERRORS = 1000  # errors of a step ahead that a forecaster remembers


class EchoStateModule(nn.Module):
    """A reservoir, and a read-out that answers at every step.

    Args:
        n_inputs: Numbers that come in at a step.
        n_units: Units of the reservoir.
        n_links: Units that each unit hears.
        n_outputs: Numbers of an answer.
        n_features: Numbers that the read-out sees, None for the units and the inputs.
    """

    def __init__(
        self, n_inputs: int, n_units: int, n_links: int, n_outputs: int, n_features: int | None = None
    ) -> None:
        super().__init__()
        self.scaling = Standardise((n_inputs,))
        self.reservoir = ReservoirModule(n_inputs, n_units, n_links)
        self.state = Stage()
        self.features = Stage()
        self.read_out = nn.Linear(n_features or n_units + n_inputs, n_outputs)
        self.output = Stage()

    def forward(
        self, inputs: Float[Tensor, "batch time inputs"], lengths: Int[Tensor, "batch"] | None = None
    ) -> Float[Tensor, "batch ..."]:
        """The answers; after the end of a sequence of the given length they mean nothing."""
        u = self.scaling(inputs)
        x = self.state(self.reservoir(u))
        return self.output(self.read_out(self.features(self.see(x[None], u, lengths)[0])))

    def see(
        self,
        states: Float[Tensor, "kinds batch time units"],
        inputs: Float[Tensor, "batch time inputs"],
        lengths: Int[Tensor, "batch"] | None,
    ) -> Float[Tensor, "kinds batch time features"]:
        """What the read-out sees under each of several kinds of states: these beside the inputs."""
        return torch.cat([states, inputs.expand(len(states), *inputs.shape)], -1)


class PooledEchoStateModule(EchoStateModule):
    """The same with one answer a sequence, read from the means over equal segments of its time.

    Args:
        n_inputs, n_units, n_links, n_outputs: As there.
        n_segments: Segments.
        washout: First steps that do not count.
    """

    def __init__(
        self, n_inputs: int, n_units: int, n_links: int, n_outputs: int, n_segments: int, washout: int
    ) -> None:
        super().__init__(n_inputs, n_units, n_links, n_outputs, n_segments * (n_units + n_inputs))
        self.n_segments, self.washout = n_segments, washout

    def see(
        self,
        states: Float[Tensor, "kinds batch time units"],
        inputs: Float[Tensor, "batch time inputs"],
        lengths: Int[Tensor, "batch"] | None,
    ) -> Float[Tensor, "kinds batch features"]:
        """The means of states and inputs over each segment, segment after segment."""
        means = [segment_means(part, lengths, self.n_segments, self.washout) for part in (states, inputs)]
        return torch.cat([means[0], means[1].expand(len(states), *means[1].shape)], -1).flatten(-2)


class EchoStateForecastModule(EchoStateModule):
    """A reservoir that hears a series and answers with its next value, in the units of the series.

    Args:
        n_features: Numbers of the series at a step.
        n_units: Units of the reservoir.
        n_links: Units that each unit hears.
    """

    last_state: Tensor
    last_value: Tensor
    errors: Tensor

    def __init__(self, n_features: int, n_units: int, n_links: int) -> None:
        super().__init__(n_features, n_units, n_links, n_features)
        self.register_buffer("last_state", torch.zeros(n_units))
        self.register_buffer("last_value", torch.zeros(n_features))
        self.register_buffer("errors", torch.zeros(_N_ERRORS, n_features))

    def forward(self, series: Float[Tensor, "time features"]) -> Float[Tensor, "time features"]:  # type: ignore[override]
        """The value that is expected to follow each one of the series."""
        u = self.scaling(series)
        x = self.state(self.reservoir(u[None])[0])
        z = self.features(torch.cat([x, u], -1))
        return self.output(self.scaling.inverse(self.read_out(z)))

    def go_on(
        self,
        state: Float[Tensor, "batch units"],
        value: Float[Tensor, "batch features"],
        errors: Float[Tensor, "time batch features"] | None,
        steps: int,
    ) -> Float[Tensor, "batch time features"]:
        """Run freely: each answer, with its error if there are any, is heard as the next input.

        Args:
            state: Before the last value is heard.
            value: The last value.
            errors: Added to the answers, in units of the reservoir.
            steps: Values to come.
        """
        values = self.reservoir.run_freely(state, self.scaling(value), self.read_out, steps, errors)
        return self.scaling.inverse(values)


class ForecastStepModule(nn.Module):
    """One step of a free run: from a state and the value that comes in, the state after it and the next value.

    Args:
        module: Whose step.
    """

    def __init__(self, module: EchoStateForecastModule) -> None:
        super().__init__()
        self.step = StepModule(module.reservoir, module.scaling)
        self.scaling = module.scaling
        self.read_out = module.read_out

    def forward(
        self, state: Float[Tensor, "batch units"], value: Float[Tensor, "batch features"]
    ) -> tuple[Float[Tensor, "batch units"], Float[Tensor, "batch features"]]:
        """x(t) and y(t + 1) from x(t - 1) and y(t)."""
        x = self.step(state, value)
        return x, self.scaling.inverse(self.read_out(torch.cat([x, self.scaling(value)], -1)))


class PooledTurnModule(nn.Module):
    """One step of a network that answers a sequence: its state, and the sums that the means over segments come from.

    Args:
        module: Whose step.
    """

    def __init__(self, module: EchoStateModule) -> None:
        super().__init__()
        self.step = StepModule(module.reservoir, module.scaling)
        self.scaling = module.scaling

    def forward(
        self,
        state: Float[Tensor, "batch units"],
        means: Float[Tensor, "batch segments features"],
        inputs: Float[Tensor, "batch inputs"],
        shares: Float[Tensor, "segments"],
    ) -> tuple[Tensor, Tensor]:
        """x(t) and the sums up to t, to which this step adds its share of each segment."""
        x = self.step(state, inputs)
        seen = torch.cat([x, self.scaling(inputs)], -1)
        return x, means + shares[:, None] * seen[:, None]


class PooledWholeModule(nn.Module):
    """Hears sequences of one length from the first step to the last, and answers as the network does.

    Args:
        module: The network.
        time: Steps of a sequence.
    """

    shares: Tensor

    def __init__(self, module: PooledEchoStateModule, time: int) -> None:
        super().__init__()
        self.n_units, self.n_segments = module.reservoir.n_units, module.n_segments
        self.turns = Loop(PooledTurnModule(module), states=2, sequences=2, turns=time)
        self.read_out = module.read_out
        # What the means over segments make of 1 at one step and 0 at all others is the share of that step.
        steps = torch.eye(time, dtype=module.read_out.weight.dtype, device=module.read_out.weight.device)
        self.register_buffer("shares", segment_means(steps[..., None], None, module.n_segments, module.washout)[..., 0])

    def forward(self, inputs: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch outputs"]:
        """The answers."""
        return self.after(*self.turns(*self.before(inputs)))

    def before(self, inputs: Float[Tensor, "batch time inputs"]) -> tuple[Tensor, ...]:
        """What the loop is given: silence, sums of nothing, all steps, and their shares of the segments."""
        state = inputs.new_zeros(len(inputs), self.n_units)
        means = inputs.new_zeros(len(inputs), self.n_segments, self.n_units + inputs.shape[-1])
        return state, means, inputs.transpose(0, 1), self.shares

    def after(
        self, state: Float[Tensor, "batch units"], means: Float[Tensor, "batch segments features"]
    ) -> Float[Tensor, "batch outputs"]:
        """The answers from the states after the last step."""
        return self.read_out(means.flatten(1))


class PooledStepModule(nn.Module):
    """One step of a network that answers a sequence of any length: right after the last one is what it says then.

    Args:
        module: Whose step.
        probabilities: From scores to how likely each class is, where the answers are scores.
    """

    def __init__(self, module: PooledEchoStateModule, probabilities: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.step = StepModule(module.reservoir, module.scaling)
        self.scaling, self.read_out, self.probabilities = module.scaling, module.read_out, probabilities
        self.n_segments, self.washout = module.n_segments, module.washout

    def forward(
        self,
        inputs: Float[Tensor, "batch inputs"],
        length: Float[Tensor, "batch 1"],
        state: Float[Tensor, "batch units"],
        means: Float[Tensor, "batch segments features"],
        heard: Float[Tensor, "batch 1"],
    ) -> dict[str, Tensor]:
        """The answer, and the states after a step.

        Args:
            inputs: u(t).
            length: How many steps the sequence has.
            state: x(t - 1).
            means: What was summed up for each segment before.
            heard: How many steps were heard before.
        """
        number = torch.arange(self.n_segments, dtype=length.dtype, device=length.device)
        read = length - self.washout
        first = self.washout + (number * read / self.n_segments).floor()
        behind = self.washout - (-(number + 1) * read / self.n_segments).floor()
        inside = (first <= heard) & (heard < behind)
        shares = inside.to(length.dtype) / (behind - first).clamp(min=1)
        x = self.step(state, inputs)
        means = means + shares[..., None] * torch.cat([x, self.scaling(inputs)], -1)[:, None]
        said = {"answer": self.read_out(means.flatten(1))}
        if self.probabilities is not None:
            said["probabilities"] = self.probabilities(said["answer"])
        return {**said, "new_state": x, "new_means": means, "new_heard": heard + 1}


class WholeModule(nn.Module):
    """The same of a network that answers at every step.

    Args:
        module: The network.
        time: Steps of a sequence.
    """

    def __init__(self, module: EchoStateModule, time: int) -> None:
        super().__init__()
        self.n_units = module.reservoir.n_units
        self.turns = Loop(AnswerStepModule(module), states=1, sequences=1, turns=time)

    def forward(self, inputs: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch time outputs"]:
        """The answers."""
        _, answers = self.turns(inputs.new_zeros(len(inputs), self.n_units), inputs.transpose(0, 1))
        return answers.transpose(0, 1)


class AnswerStepModule(nn.Module):
    """One step of a network that answers at every step: from a state and an input, the state after it and the answer.

    Args:
        module: Whose step.
    """

    def __init__(self, module: EchoStateModule) -> None:
        super().__init__()
        self.step = StepModule(module.reservoir, module.scaling)
        self.scaling = module.scaling
        self.read_out = module.read_out

    def forward(
        self, state: Float[Tensor, "batch units"], inputs: Float[Tensor, "batch inputs"]
    ) -> tuple[Float[Tensor, "batch units"], Float[Tensor, "batch outputs"]]:
        """x(t) and y(t) from x(t - 1) and u(t)."""
        x = self.step(state, inputs)
        return x, self.read_out(torch.cat([x, self.scaling(inputs)], -1))
