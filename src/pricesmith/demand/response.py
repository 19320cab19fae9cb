"""The demand model `response`: baseline x causal price response, pooled by empirical Bayes, with a posterior for every elasticity.

Units of item i in a period ~ negative binomial with log mean
    level_i + local shift_i + elasticity_i g(price) + promo_i + cross_i (mean log price of the others in the family) + rival_i
    + weekday, season and events of its category,
learned from additive cells. See docs/how_it_works.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Floats, Ints, Ladder
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import PERIOD_DAYS, Snapshot
from pricesmith.contracts.tables import EVIDENCE

from . import boosting
from .alike import Alike, OtherPlaces, elsewhere, others
from .bridge import Bridge, bridge, latest
from .curve import CONSTANT, bought, elasticity_at, form_of, own_curve
from .design import shared_columns, waves
from .expected import level_draws, mean_units
from .groups import rivals
from .held_back import correction
from .hindsight import Hindsight, Noise, Unsure, hindsight, noise_in
from .intervals import predictive_quantiles
from .panel import EPOCH, lengths, reference_prices, siblings_mean
from .posterior import HIGHEST, cut_off, draws, honest_variance, quantiles
from .remember import learned_by, remember
from .scenario_rows import Rows, rows_of, told
from .state import Known, State, from_tables, no_later, recall, to_tables
from .today import current_prices, rival_gaps
from .training import train

DRAWN = 64
"""Draws over which an elasticity is averaged."""
DOUBTFUL = 0.05
"""Probability that an elasticity is above zero from which its product is counted in the report."""


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """A fitted shop. Immutable; `to_tables` and `from_tables` carry it over bit for bit."""

    state: State

    @classmethod
    def fit(cls, snapshot: Snapshot, policy: ModelPolicy) -> ResponseModel:
        """Learn from the cells of a snapshot; deterministic."""
        return cls(remember(snapshot, train(snapshot, policy), policy))

    def to_tables(self) -> Mapping[str, pl.DataFrame]:
        """The whole model as tables."""
        return to_tables(self.state)

    @classmethod
    def from_tables(cls, tables: Mapping[str, pl.DataFrame]) -> ResponseModel:
        """The model again."""
        return cls(from_tables(tables))

    def elasticities(self, snapshot: Snapshot) -> pl.DataFrame:
        """Per item: elasticity at the current price (mean), 90 % bounds, grade of evidence, share of own data, sensitivity."""
        no_later(self.state, snapshot)
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        deviation = np.sqrt(known["price_variance"])
        drawn = self._at_current(snapshot, known, draws(known["price"], deviation, DRAWN))
        within = self._at_current(snapshot, known, quantiles(known["price"], deviation, np.linspace(0.05, 0.95, 19)))
        return snapshot.items.select("item", "sku", "channel", "region", "category").with_columns(
            elasticity=drawn.mean(axis=1),
            elasticity_lo=within.min(axis=1),
            elasticity_hi=within.max(axis=1),
            evidence=np.array(EVIDENCE)[self._evidence(known)],
            own_share=np.clip(known["own_share"], 0.0, 1.0),
            sensitivity=self.sensitivity(snapshot, known),
        )

    def sensitivity(self, snapshot: Snapshot, known: Known) -> Floats:
        """(n,) by how much an elasticity at the current price moves where what similar products say is off by one standard deviation.

        That deviation is of products around what the others foretell of them; own sales answer for their share of it.
        """
        off = np.clip(1.0 - known["own_share"], 0.0, 1.0) * np.sqrt(known["price_prior_variance"])
        deviation = np.sqrt(known["price_variance"])
        low, high = (
            self._at_current(snapshot, known, draws(known["price"] + way * off, deviation, DRAWN)).mean(axis=1) for way in (-1.0, 1.0)
        )
        return np.asarray(np.abs(high - low) / 2.0)

    def demand(self, snapshot: Snapshot, horizon_days: int) -> ResponseDemand:
        """Expected demand of the snapshot's items; see the protocol."""
        no_later(self.state, snapshot)
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        price, family = np.log(current_prices(snapshot, known) / known.reference), rivals(snapshot.items)
        siblings = siblings_mean(price, family, np.zeros_like(family), np.bincount(family[family >= 0]))
        return ResponseDemand(self, snapshot, horizon_days, known, family, siblings)

    def curves(self, snapshot: Snapshot, known: Known, family: Ints, siblings: Floats, ladder: Ladder, horizon_days: int) -> Curves:
        """Curves of the snapshot's items over the ladder; the arguments as in ResponseDemand."""
        current, bent, count = current_prices(snapshot, known), self.state.number("saturation"), int(self.state.number("draws"))
        elasticity = np.sort(self._at_current(snapshot, known, draws(known["price"], np.sqrt(known["price_variance"]), count)), axis=1)
        form = np.full(family.size, form_of(bent), np.int64)
        saturation = bought(np.log(current / known.reference), np.minimum(known["price"], -0.02), bent)
        base = self._base(snapshot, known, siblings, horizon_days)
        return Curves(
            units=mean_units(ladder, current * 10.0 ** exponent(snapshot.currency), elasticity, form, saturation, base),
            draws=elasticity,
            level=level_draws(np.sqrt(known["level_variance"]), count),
            form=form,
            saturation=saturation,
            base=base,
            cross=np.where(family >= 0, known["cross"], 0.0),
            cross_deviation=np.where(family >= 0, np.sqrt(honest_variance(known["cross_variance"], known["cross"], CONSTANT)), 0.0),
            family=family,
            evidence=self._evidence(known),
            dispersion=self.state.number("dispersion"),
        )

    def bridge(self, snapshot: Snapshot, known: Known, family: Ints, siblings: Floats, horizon_days: int) -> Bridge:
        """From what was sold lately to what is expected at today's prices; the arguments as in ResponseDemand."""
        cells = latest(snapshot)
        rows, regular = (rows_of(each, known, self.state.kinds) for each in (cells, cells.with_columns(price="list_price")))
        item, members = rows.item, np.bincount(family[family >= 0])
        today = np.log(current_prices(snapshot, known) / known.reference)[item]
        season = self._season(snapshot, known, item, rows.day)

        def mean(price: Floats, lift: Floats, others: Floats) -> Floats:
            return np.exp(np.clip(self._without_season(snapshot, known, item, price, lift, others) + season, -18.0, 16.0))

        then, usual = (siblings_mean(each.price, family[item], each.day, members) for each in (rows, regular))
        lift, none = self._lift(snapshot, known, rows), np.zeros(item.size)
        means = (mean(rows.price, lift, then), mean(regular.price, none, usual), mean(today, none, siblings[item]))
        return bridge(snapshot, cells, means, self._base(snapshot, known, siblings, horizon_days))

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        """Units with a 90 % prediction interval per row of the scenario, and their median; see the protocol.

        Where LightGBM is there and foretells the last blocks of the history better than the local level, it forecasts the level. Level and
        interval are those that suit the last blocks, which the forecasters that are tried have not seen.
        """
        no_later(self.state, snapshot)
        if boosting.wanted(str(self.state.facts["boosting"])):
            effect = self._effect(snapshot, snapshot.cells)
            trees = boosting.learn(snapshot, effect, self._earlier(snapshot), int(self.state.number("seed")))
            if trees is not None and boosting.better(trees):
                log_mean, quantile = boosting.apply(trees, snapshot, effect, scenario, self._effect(snapshot, scenario))
                return told(scenario, np.exp(np.clip(log_mean, -18.0, 16.0)), quantile[:, 0], quantile[:, 1], quantile[:, 2])

        def foretell(known: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
            return self._anew(known)._structural_forecast(known, rows)

        return correction(snapshot, foretell).of(self._structural_forecast(snapshot, scenario))

    def expect(self, snapshot: Snapshot, scenario: pl.DataFrame) -> Floats:
        """(N,) mean units of the rows as prices are chosen by it: no trees, and no level that suits the last blocks alone."""
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        return np.exp(np.clip(self._log_mean(snapshot, known, rows_of(scenario, known, self.state.kinds)), -18.0, 16.0))

    def hindsight(self, snapshot: Snapshot, cells: pl.DataFrame) -> Hindsight:
        """What is expected of periods after the snapshot's, as prices are chosen by it, against what was sold in them.

        cells  rows of CELLS from as_of on, `item` numbered as in the snapshot's items
        """
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        rows = rows_of(cells, known, self.state.kinds)
        swell = np.where(rows.promo > 0, self.state.number("promo_noise"), 1.0)
        _, slope = own_curve(rows.price, known["price"][rows.item], self.state.number("saturation"))
        unsure = Unsure(noise_in(self.state, known, snapshot.period), swell, known["level_variance"], known["price_variance"], slope)
        return hindsight(cells, rows.item, self.expect(snapshot, cells), unsure)

    def _anew(self, known: Snapshot) -> ResponseModel:
        """The same model, learned from another snapshot."""
        return ResponseModel.fit(known, learned_by(self.state))

    def _structural_forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        rows = rows_of(scenario, known, self.state.kinds)
        mean = np.exp(np.clip(self._log_mean(snapshot, known, rows), -18.0, 16.0))
        _, slope = own_curve(rows.price, known["price"][rows.item], self.state.number("saturation"))
        spread = known["dispersion"][rows.item] * np.where(rows.promo > 0, self.state.number("promo_noise"), 1.0)
        spread += known["level_variance"][rows.item] + known["price_variance"][rows.item] * slope**2
        low, high = predictive_quantiles(mean, spread, bool(self.state.facts["whole_units"]))
        middle, _ = predictive_quantiles(mean, spread, False, (0.5, 0.5))
        return told(scenario, mean, low, middle, high)

    def _effect(self, snapshot: Snapshot, rows: pl.DataFrame) -> Floats:
        """(N,) log effect of price, promotion, season, events and siblings, without the item's level."""
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        seen = rows_of(rows, known, self.state.kinds)
        return self._log_mean(snapshot, known, seen) - (known["level"] + known["level_shift"])[seen.item]

    def _earlier(self, snapshot: Snapshot) -> Callable[[dt.date], Floats]:
        """Day -> the log effect of the snapshot's cells, as a model of the cells before that day tells it."""

        def effect(day: dt.date) -> Floats:
            known = replace(snapshot, as_of=day, cells=snapshot.cells.filter(pl.col("date") < day))
            return self._anew(known)._effect(snapshot, snapshot.cells)

        return effect

    def report(self, snapshot: Snapshot) -> dict[str, object]:
        """What was learned, as a JSON document. Of a category: the mean over its products, and between what four in five of them lie."""
        table = self.elasticities(snapshot)
        by_category = table.group_by("category").agg(
            pl.len().alias("items"),
            pl.col("elasticity").mean().round(4),
            pl.col("elasticity").quantile(0.1).round(4).alias("four_in_five_products_from"),
            pl.col("elasticity").quantile(0.9).round(4).alias("four_in_five_products_to"),
        )
        evidence = {str(name): int(number) for name, number in table["evidence"].value_counts().sort("evidence").iter_rows()}
        facts = {name: value for name, value in self.state.facts.items() if name != "design"}
        return {
            **facts,
            "evidence": evidence,
            "sign": self._sign(snapshot),
            "elasticity_by_category": by_category.sort("category").to_dicts(),
        }

    def _sign(self, snapshot: Snapshot) -> dict[str, float]:
        """No elasticity lies above `highest`: how many products' data alone would leave more than DOUBTFUL of its probability there."""
        known = recall(self.state, snapshot.items, reference_prices(snapshot))
        doubtful = cut_off(known["price"], np.sqrt(known["price_variance"])) > DOUBTFUL
        return {"highest": HIGHEST, "doubtful": int(doubtful.sum()), "products": int(doubtful.size)}

    def _evidence(self, known: Known) -> Ints:
        """Grade of each item: where most of its elasticity comes from; of an instrument a quarter of it must be its own."""
        own = known["own_share"]
        grade = np.where(own > 0.5, EVIDENCE.index("adjusted"), EVIDENCE.index("pooled"))
        if self.state.number("instrumented"):
            grade = np.where((own > 0.25) & (known["cost_moved"] > 0), EVIDENCE.index("instrument"), grade)
        nothing = self.state.number("price_information") < 1.0
        return np.asarray(np.where(nothing, EVIDENCE.index("prior"), grade), dtype=np.int64)

    def _at_current(self, snapshot: Snapshot, known: Known, elasticity: Floats) -> Floats:
        """(n, d) elasticities at the current price from those at the reference price."""
        ratio = np.log(current_prices(snapshot, known) / known.reference)
        return elasticity_at(ratio[:, None], elasticity, self.state.number("saturation"))

    def _log_mean(self, snapshot: Snapshot, known: Known, rows: Rows) -> Floats:
        family = rivals(snapshot.items)
        siblings = siblings_mean(rows.price, family[rows.item], rows.day, np.bincount(family[family >= 0]))
        plain = self._without_season(snapshot, known, rows.item, rows.price, self._lift(snapshot, known, rows), siblings)
        return np.asarray(plain + self._season(snapshot, known, rows.item, rows.day))

    def _lift(self, snapshot: Snapshot, known: Known, rows: Rows) -> Floats:
        """(N,) log factor of each row's promotion on its demand, beside its price."""
        beside = self.state.lifts_of(snapshot.items["category"])
        return np.asarray(rows.promo * (known["promo"][rows.item] + beside[rows.item, rows.kind]))

    def _season(self, snapshot: Snapshot, known: Known, item: Ints, day: Ints) -> Floats:
        """(N,) log factor of each row's period: its season, and its days where months differ in them."""
        shared = self.state.shared_of(snapshot.items["category"]) * self._swing(known)
        season = np.einsum("ij,ij->i", shared_columns(self.state.design, day), shared[item])
        return np.asarray(season + np.log(lengths(day, snapshot.period)))

    def _without_season(self, snapshot: Snapshot, known: Known, item: Ints, price: Floats, lift: Floats, siblings: Floats) -> Floats:
        own, _ = own_curve(price, np.minimum(known["price"][item], -0.02), self.state.number("saturation"))
        return np.asarray(
            known["level"][item]
            + known["level_shift"][item]
            + own
            + lift
            + known["cross"][item] * siblings
            + known["rival"][item] * rival_gaps(snapshot, known)[item]
        )

    def _swing(self, known: Known) -> Floats:
        """(n, p) factor on the shared effects of each item: 1, and for the yearly waves 1 + its own season effect."""
        names = self.state.design.names
        swing = np.ones((known.reference.size, len(names)))
        swing[:, waves(names)] += known["season"][:, None]
        return swing

    def _base(self, snapshot: Snapshot, known: Known, siblings: Floats, horizon_days: int) -> Floats:
        """(n,) units per day at the current price, averaged over the horizon."""
        start = snapshot.as_of.toordinal() - EPOCH
        step = {"day": 1, "week": 7, "month": 30}[snapshot.period]
        days = np.arange(start, start + max(horizon_days, step), step)
        columns = shared_columns(self.state.design, days)
        shared = self.state.shared_of(snapshot.items["category"]) * self._swing(known)
        season = np.exp(np.clip(columns @ shared.T, -5.0, 5.0)).mean(axis=0)
        number = np.arange(snapshot.items.height)
        price = np.log(current_prices(snapshot, known) / known.reference)
        plain = self._without_season(snapshot, known, number, price, np.zeros(number.size), siblings)
        return np.asarray(np.exp(np.clip(plain, -18.0, 16.0)) * season / PERIOD_DAYS[snapshot.period])


@dataclass(frozen=True, slots=True)
class ResponseDemand:
    """What the model believes of the n items of a snapshot over a horizon.

    family    (n,) number of the family inside which prices act on one another, -1 where alone
    siblings  (n,) mean over the others in the family of their log current price over their reference
    """

    model: ResponseModel
    snapshot: Snapshot
    horizon_days: int
    known: Known
    family: Ints
    siblings: Floats

    @property
    def own_share(self) -> Floats:
        """(n,) weight of the item's own data in each price effect: by so much they reduce its variance. Similar products have the rest."""
        return np.clip(self.known["own_share"], 0.0, 1.0)

    @property
    def sensitivity(self) -> Floats:
        """(n,) see `ResponseModel.sensitivity`."""
        return self.model.sensitivity(self.snapshot, self.known)

    def alike(self, item: int) -> Alike | None:
        """What similar products say of an item's elasticity; None where there is no other product."""
        sku = self.snapshot.items["sku"]
        peers, category = others(sku, self.snapshot.items["category"], self.known["rows"], item)
        return Alike(self._as_middle_of(peers, item), sku[peers].n_unique(), category, peers.size) if peers.size else None

    def elsewhere(self, item: int) -> OtherPlaces | None:
        """What the same product says of its elasticity in other stores; None where no other knows it by its own sales."""
        peers = elsewhere(self.snapshot.items["sku"], self.own_share, item)
        return OtherPlaces(self._as_middle_of(peers, item), peers.size) if peers.size else None

    def _as_middle_of(self, peers: Ints, item: int) -> float:
        """Elasticity of an item at its current price if the middle effect of the peers were its own."""
        known, part = self.known.part(np.array([item])), replace(self.snapshot, items=self.snapshot.items[[item]])
        middle = np.median(self.known["price"][peers], keepdims=True)
        return float(self.model._at_current(part, known, draws(middle, np.sqrt(known["price_variance"]), DRAWN)).mean())

    def bridge(self) -> Bridge:
        """What was sold of each item lately, what is expected of it at today's prices, and the steps between the two."""
        return self.model.bridge(self.snapshot, self.known, self.family, self.siblings, self.horizon_days)

    def noise(self, items: Ints, days: float) -> Noise:
        """Of the mean of so many days of some items (m,)."""
        return noise_in(self.model.state, self.known.part(items), (period := self.snapshot.period)).over(days / PERIOD_DAYS[period])

    def curves(self, ladder: Ladder, rows: Ints) -> Curves:
        """Curves of some of the items; see the protocol."""
        part = replace(self.snapshot, items=self.snapshot.items[rows])
        return self.model.curves(part, self.known.part(rows), self.family[rows], self.siblings[rows], ladder, self.horizon_days)


MODEL = ResponseModel
