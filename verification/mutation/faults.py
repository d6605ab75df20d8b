"""The faults: each a slip that a hurried developer could make, as an edit of one kernel.

``before`` stands once in the file; the trial refuses to start where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One edit of one module of ``src/bordersim``."""

    name: str
    kind: str
    file: str
    before: str
    after: str


def _in(file: str, *faults: tuple[str, str, str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(name, kind, file, before, after) for name, kind, before, after in faults)


FAULTS: tuple[Fault, ...] = (
    *_in(
        "agents/residents.py",
        ("risk attracts", "sign", "budget) - risk_cost", "budget) + risk_cost"),
        ("kin in the South count more every month", "sign",
         "k_kin * 2.0 ** (-months", "k_kin * 2.0 ** (months"),
        ("every province is equally exposed to hunger", "missing term",
         "land.home.hunger[b // 3],", "1.0,"),
        ("the error of an offer is keyed on its position", "wrong key",
         "draw(errors, 16 + 2 * identity)", "draw(errors, 16 + 2 * offer)"),
        ("offers share the error of staying", "swapped stream",
         "month_key(month.seed, Stream.NEST, month.month)",
         "month_key(month.seed, Stream.CHOICE, month.month)"),
        ("kin's money does not count when a fee is weighed", "missing term",
         "budget = own + from_kin\n", "budget = own\n"),
        ("somebody else's offers are met", "swapped stream",
         "month_key(month.seed, Stream.OFFER, month.month)",
         "month_key(month.seed, Stream.REACH, month.month)"),
    ),
    *_in(
        "agents/thinning.py",
        ("two points on one person count twice", "lost condition",
         "if marked[i] != 0 or (b == officials_block", "if (b == officials_block"),
        ("a layer is one per cent thin", "biased thinning",
         "if height >= (rate - low) / span:\n                        continue\n"
         "                    clipped",
         "if height >= 0.99 * (rate - low) / span:\n                        continue\n"
         "                    clipped"),
        ("history adds its whole intensity again", "missing term",
         "base * (math.exp(effect) - 1.0):", "base * math.exp(effect):"),
        ("kin's arrival works from the month after next", "off by one month",
         "since_kin = t - np.int64(kin_month[i])", "since_kin = t - 1 - np.int64(kin_month[i])"),
    ),
    *_in(
        "agents/traffickers.py",
        ("markups run away from their centre", "sign",
         "- law.markup_pull * (markup", "+ law.markup_pull * (markup"),
        ("jail lasts a month longer", "off by one month",
         "t >= traffickers.until[j]", "t > traffickers.until[j]"),
        ("the highest lottery number is kept", "biased lottery",
         "if ticket < number[worst]:", "if ticket > number[worst]:"),
        ("one lottery for all traffickers", "wrong key",
         "draw2(lottery_key, uids[client], np.int64(generation[j]) * SLOTS + j)",
         "draw2(lottery_key, uids[client], np.int64(0))"),
        ("the profitable give up", "sign",
         "logistic((outside - profit) / (width * outside))",
         "logistic((profit - outside) / (width * outside))"),
        ("one month of waiting too many", "off by one month",
         "waited + 1 if waited < longest else 0", "waited + 1 if waited <= longest else 0"),
        ("the fine is read in yuan", "missing conversion",
         "lv[Lever.CHINA_HELPER_FINE, s] * lv[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3\n"
         "    return",
         "lv[Lever.CHINA_HELPER_FINE, s] * 1e-3\n    return"),
    ),
    *_in(
        "agents/guards.py",
        ("guards fear nothing", "missing term",
         "return fear + reward + inclination", "return reward + inclination"),
        ("a betrayed link was worth nothing", "missing term",
         "+ inclination - link_value - exposure_loss", "+ inclination - exposure_loss"),
        ("the surplus is shared the wrong way", "swapped shares",
         "(1.0 - share) * reservation + share * room",
         "share * reservation + (1.0 - share) * room"),
        ("inspections look back a month less", "wrong lookback",
         "total = 0\n    for back in range(1, min(lookback, LOG_MONTHS - 1, month) + 1):",
         "total = 0\n    for back in range(1, min(lookback, LOG_MONTHS - 1, month)):"),
        ("fear is diluted by the honest", "wrong denominator",
         "12.0 * punished / takers)", "12.0 * punished / (last - first_company))"),
        ("the punished keep their place in memory", "lost update",
         "generation[g] += 1\n                        stamp[g] += 1",
         "generation[g] += 1"),
        ("goods are bribes nobody pays for", "lost payment",
         "cash[g] += goods * goods_each", "cash[g] += 0"),
    ),
    *_in(
        "agents/crossings.py",
        ("the trafficker's bribe costs nobody anything", "lost payment",
         "    scene.traffickers.cash[j] -= bribe\n", ""),
        ("links to guards who left still open the river", "lost condition",
         "if g < 0 or guards.stamp[g] != links.stamp[k]:", "if g < 0:"),
        ("known guards are asked by another's luck", "swapped stream",
         "month_key(month.seed, Stream.KNOWN_GUARD, month.month)",
         "month_key(month.seed, Stream.NEW_GUARD, month.month)"),
        ("clients drown as often as those alone", "missing term",
         "watch.drowning[s] * laws.river.drowning_paid:", "watch.drowning[s]:"),
        ("credit is forgiven", "lost payment",
         "rows.owed[row] = fee - from_kin - from_own", "rows.owed[row] = 0"),
    ),
    *_in(
        "agents/river.py",
        ("cameras see nothing", "missing term",
         "law.camera_effect * cameras + ", ""),
        ("good news from the river is never heard", "lost update",
         "hear(month, rows.uid[row], who[0], risk, 0, scene.laws.choice.awareness)\n", ""),
    ),
    *_in(
        "agents/clocks.py",
        ("seasons come a month early", "off by one month",
         "laws.arrival_season[t % 12]", "laws.arrival_season[(t + 1) % 12]"),
        ("the married go on like everybody", "missing term",
         "base_onward * household * spells", "base_onward * spells"),
        ("patrol and pursuit share a clock", "wrong key",
         "clock(draw(bits, PURSUIT), rate_pursuit)", "clock(draw(bits, PATROL), rate_pursuit)"),
    ),
    *_in(
        "agents/china.py",
        ("refoulement protects", "sign",
         "uniform(bits) >= month.levers[Lever.CHINA_REFOULEMENT, s]",
         "uniform(bits) < month.levers[Lever.CHINA_REFOULEMENT, s]"),
        ("a report earns the bounty of a capture", "swapped lever",
         "pay_bounty(month, s, lv[Lever.CHINA_BOUNTY_REPORT, s])",
         "pay_bounty(month, s, lv[Lever.CHINA_BOUNTY_CAPTURE, s])"),
        ("all gaps between meetings are the first", "wrong key",
         "exponential(draw(gaps, encounter))", "exponential(draw(gaps, 0))"),
        ("packages take up to three months", "off by one month",
         "index_below(draw(bits, 2), 2)\n", "index_below(draw(bits, 2), 3)\n"),
    ),
    *_in(
        "agents/informants.py",
        ("the sympathetic report", "sign",
         "norm + bounty - sympathy\n\n\n@kernel\ndef seize",
         "norm + bounty + sympathy\n\n\n@kernel\ndef seize"),
        ("awareness forgets the bounties", "lost update",
         "aware + aware_pull * (target - aware)", "aware"),
    ),
    *_in(
        "agents/custody.py",
        ("terms last a month longer", "off by one month",
         "elif t >= rows.term[i]:", "elif t > rows.term[i]:"),
        ("the taken may die in the month they are taken", "off by one month",
         "if rows.since[i] == t:\n            continue",
         "if rows.since[i] == t + 1:\n            continue"),
    ),
    *_in(
        "agents/south.py",
        ("debts to traffickers who left are paid to who came after", "lost condition",
         "traffickers.generation[j] == seller // SLOTS\n        and ",
         ""),
        ("money comes every eleven months", "off by one month",
         "since % 12 != 0", "since % 11 != 0"),
        ("one is one's own kin", "lost condition",
         "if other != i and (anyone", "if (anyone"),
    ),
    *_in(
        "agents/beliefs.py",
        ("a nation learns in a month", "missing cap",
         "* min(seen, cap) / cap", "* 1.0"),
        ("a month's returns stand for a year's", "missing term",
         "min(people, 12 * returned)", "min(people, returned)"),
    ),
    *_in(
        "agents/traits.py",
        ("markets make poorer", "sign",
         "slope * (markets - 1.0)", "slope * (1.0 - markets)"),
    ),
    *_in(
        "month.py",
        ("a guard who was bought once is not remembered", "lost update",
         "        links.guard[place] = g\n", ""),
        ("the median fee is one rank low", "off by one",
         "fees[(n + 1) // 2 - 1]", "fees[max((n + 1) // 2 - 2, 0)]"),
    ),
    *_in(
        "population.py",
        ("the first in China have been there a month", "off by one month",
         "rows.left[row] = 0", "rows.left[row] = -1"),
    ),
)  # fmt: skip
"""Every fault of the trial."""
