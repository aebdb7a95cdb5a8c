"""The columns and rows of a program, each with the sign or name that a textbook would give it, in LaTeX.

x is the allocation, p a payment, m and q the interim payment and allocation, u the interim utility, s how often a good
is sold; IC, IR and BB are incentive compatibility, individual rationality (participation) and the budget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amd.compile.builder import Columns, Family, ProgramBuilder
from amd.compile.context import Context
from amd.compile.program import Compiled
from amd.compile.reduced.approach import Reduced
from amd.compile.reduced.form import ClassColumns, ReducedForm
from amd.model.design import Design, Incentive
from amd.model.environment import Agent, AllocationKind, Environment
from amd.model.numbers import IntArray
from amd.show.design import bound_text
from amd.show.latex import profile, text, type_sign
from amd.show.types import assignment_text, type_text

Index = tuple[int, ...]
FAMILY = {
    "allocation": "F",
    "incentive": "IC",
    "participation": "IR",
    "participation ex post": "IR",
    "participation ex ante": "IR",
    "budget": "BB",
    "expected budget": "BB",
    "efficient": "EFF",
    "anonymous": "ANON",
    "onto": "ONTO",
    "nondictatorial": "ND",
    "interim": "Q",
    "worst": "W",
    "bound": "REQ",
    "border": "BORDER",
    "sold": "SOLD",
    "resource": "F",
    "no money": "U",
}


@dataclass(frozen=True, eq=False)
class Signs:
    """Signs of columns and names of rows of a program that was compiled one way or the other."""

    compiled: Compiled | Reduced

    @property
    def source(self) -> Context | ReducedForm:
        return self.compiled.form if isinstance(self.compiled, Reduced) else self.compiled.context

    @property
    def builder(self) -> ProgramBuilder:
        return self.source.builder

    @property
    def environment(self) -> Environment:
        return self.source.environment

    @property
    def design(self) -> Design:
        return self.source.design

    @cached_property
    def starts(self) -> list[int]:
        """Where each block of columns begins."""
        sizes = [len(block.first) for block in self.builder.columns]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(int).tolist()

    def block(self, column: int) -> tuple[Columns, Index]:
        """The block of a column and its (first) cell in it."""
        at = int(np.searchsorted(self.starts, column, side="right")) - 1
        block = self.builder.columns[at]
        cell = np.unravel_index(block.first[column - self.starts[at]], block.index.shape)
        return block, tuple(int(part) for part in cell)

    def column(self, column: int) -> str:
        """The sign of a column, such as ``x_{\\text{trade}}(3/4,\\, 1/4)``."""
        block, cell = self.block(column)
        write = _COLUMNS.get(block.name)
        if block.name.startswith("worst("):
            return text(block.name.removeprefix("worst(").removesuffix(")"))
        return text(block.label(cell)) if write is None else write(self, block, cell)

    def types(self, i: int, k: int) -> str:
        """Type k of agent i."""
        return type_sign(type_text(self.environment, i, k))

    def profile(self, p: int) -> str:
        """The types of a profile in brackets, without those of agents that have only one."""
        return self._listed([int(part) for part in np.unravel_index(p, self.environment.shape)])

    def _listed(self, positions: list[int]) -> str:
        agents = enumerate(self.environment.agents)
        shown = [self.types(i, positions[i]) for i, agent in agents if agent.size > 1]
        return profile(shown) if shown else ""

    def sold_from(self, block: Columns, at: int) -> str:
        """The type from which up the good is sold, in brackets: the block's labels end in its position."""
        return profile([self.types(0, int(block.label((at,)).rpartition("@")[2]))])

    def sold(self, row: int) -> str:
        """The same for a row that says how often."""
        return self.sold_from(next(block for block in self.builder.columns if block.name == "sold"), row)

    def _agent(self, i: int) -> Agent:
        return self.environment.agents[i]

    def decision(self, column: int) -> str:
        """What a column of the allocation stands for."""
        allocation, environment = self.environment.allocation, self.environment
        if allocation.kind is AllocationKind.OUTCOMES:
            return text(allocation.names[column])
        if allocation.kind is AllocationKind.DECISIONS and allocation.units is not None:
            return text(assignment_text(environment, allocation.units[column]))
        agent, good = divmod(column, len(allocation.goods))
        name = text(self._agent(agent).name)
        return name if len(allocation.goods) == 1 else f"{name},{text(allocation.goods[good].name)}"

    def _class(self, block: Columns) -> ClassColumns | None:
        """The class of agents whose block this is, in a reduced form."""
        if isinstance(self.source, Context):
            return None
        return next((one for one in self.source.columns if block is one.allocation or block is one.utility), None)

    def owner(self, block: Columns) -> int:
        """The first agent whose block this is."""
        one = self._class(block)
        if one is not None:
            return one.group.first
        if not isinstance(self.source, Context):
            raise ValueError(f"the columns '{block.name}' belong to nobody")
        owned = {**self.source.interim_payments} if block.name == "interim payment" else self.source.interim_allocation
        return min(agent for agent, one_block in owned.items() if one_block is block)

    def owned_by(self, block: Columns) -> str:
        """The name of the agent or class whose block this is."""
        one = self._class(block)
        return text(one.agent.group if one is not None else self._agent(self.owner(block)).name)

    def utility(self, block: Columns, at: Index) -> str:
        """A utility in a profile, or the interim utility of a type in a reduced form."""
        if len(at) == 2:
            return f"u_{{{text(self._agent(at[1]).name)}}}{self.profile(at[0])}"
        return f"u_{{{self.owned_by(block)}}}{self.own_type(block, at[0])}"

    def own_type(self, block: Columns, k: int) -> str:
        """The own type k, in brackets, where there is more than one."""
        owner = self.owner(block)
        return profile([self.types(owner, k)]) if self._agent(owner).size > 1 else ""

    def which(self, block: Columns, at: int) -> str:
        """Which of several things an interim allocation speaks of."""
        allocation = self.environment.allocation
        if self._class(block) is not None:
            return "" if len(allocation.goods) == 1 else f",{text(allocation.goods[at].name)}"
        agent = self._agent(self.owner(block))
        if agent.feature_count == 1:
            return ""
        columns = np.flatnonzero(agent.features[[at], :].toarray()[0])
        if allocation.kind is AllocationKind.MARGINALS:
            return f",{text(allocation.goods[int(columns[0]) % len(allocation.goods)].name)}"
        return f",{self.decision(int(columns[0]))}" if len(columns) == 1 else f",{at + 1}"

    def row(self, family: Family, index: Index, columns: IntArray) -> str:
        """The name of a row, such as ``\\mathrm{IC}_{\\text{buyer}}(3/4 \\to 1/4)``; `columns` are those in it."""
        agent = family.agent if family.agent is not None else self._owner_of(columns)
        write = _ROWS.get(family.kind)
        if write is None or (agent is None and family.kind in _OWNED):
            return rf"\mathrm{{{FAMILY[family.kind]}}}" if family.kind in FAMILY else text(family.label(index))
        who = "" if agent is None else rf"_{{{text(self._called(family, agent))}}}"
        return rf"\mathrm{{{FAMILY[family.kind]}}}{who if family.kind in _OWNED else ''}" + write(
            self, -1 if agent is None else agent, index
        )

    def _called(self, family: Family, agent: int) -> str:
        """A class of agents by its group, an agent by its name."""
        one = self._agent(agent)
        return one.name if family.agent is not None else one.group

    def _owner_of(self, columns: IntArray) -> int | None:
        """Whose columns a row of a reduced form speaks of."""
        for column in columns.tolist():
            one = self._class(self.block(column)[0])
            if one is not None:
                return one.group.first
        return None

    def lie(self, agent: int, index: Index) -> str:
        """Who would lie and how: ``(10 \\to 50 \\mid 20)``, with the others' types where they are fixed."""
        k, report, *rest = index
        words = rf"{self.types(agent, k)} \to {self.types(agent, report)}"
        if self.design.incentive is Incentive.DOMINANT:
            words += rf" \mid {self.others(agent, rest[0])}"
        if self._agent(agent).types.orders is not None:
            words += rf";\, {text(f'top {rest[-1] + 1}')}"
        return f"({words})"

    def others(self, agent: int, s: int) -> str:
        """The types of the others in their profile number s."""
        shape = [size for i, size in enumerate(self.environment.shape) if i != agent]
        places = iter(np.unravel_index(s, shape) if shape else ())
        shown = [self.types(i, int(next(places))) for i in range(len(self.environment.agents)) if i != agent]
        return r",\, ".join(shown)


_COLUMNS: dict[str, Callable[[Signs, Columns, Index], str]] = {
    "allocation": lambda signs, block, at: f"x_{{{signs.decision(at[1])}}}{signs.profile(at[0])}",
    "payment": lambda signs, block, at: f"p_{{{text(signs.environment.agents[at[1]].name)}}}{signs.profile(at[0])}",
    "interim payment": lambda signs, block, at: f"m_{{{signs.owned_by(block)}}}{signs.own_type(block, at[0])}",
    "interim allocation": lambda signs, block, at: (
        f"q_{{{signs.owned_by(block)}{signs.which(block, at[1])}}}{signs.own_type(block, at[0])}"
    ),
    "utility": lambda signs, block, at: signs.utility(block, at),
    "sold": lambda signs, block, at: f"s{signs.sold_from(block, at[0])}",
}
_OWNED = frozenset(
    {"incentive", "participation", "participation ex post", "participation ex ante", "interim", "nondictatorial"}
    | {"no money", "resource"}
)


def _nothing(signs: Signs, agent: int, index: Index) -> str:
    return ""


def _own(signs: Signs, agent: int, index: Index) -> str:
    return f"({signs.types(agent, index[0])})"


_ROWS: dict[str, Callable[[Signs, int, Index], str]] = {
    "allocation": lambda signs, agent, index: signs.profile(index[0]),
    "incentive": lambda signs, agent, index: signs.lie(agent, index),
    "participation": _own,
    "participation ex post": lambda signs, agent, index: (
        rf"({signs.types(agent, index[0])} \mid {signs.others(agent, index[1])})"
    ),
    "participation ex ante": _nothing,
    "budget": lambda signs, agent, index: signs.profile(index[0]),
    "expected budget": _nothing,
    "efficient": lambda signs, agent, index: signs.profile(index[0]),
    "interim": _own,
    "worst": lambda signs, agent, index: signs.profile(index[0]),
    "bound": lambda signs, agent, index: rf"\;{text(bound_text(signs.design.bounds[index[0]]))}",
    "onto": lambda signs, agent, index: f"({signs.decision(index[0])})",
    "nondictatorial": _nothing,
    "no money": _own,
    "resource": _own,
    "sold": lambda signs, agent, index: signs.sold(index[0]),
}
