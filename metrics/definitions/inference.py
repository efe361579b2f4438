"""Figures of inference and of what a journey is worth: cost, latency, net value, value of consent."""

from metrics.definitions.figure import Figure

DDSKETCH = "Masson, Rim & Lee 2019, DDSketch; exact below 10 million requests a quarter"
_LOG = "requests in the inference log of the period"
_MADE = "recommendations of the period"
_TREATED = "per treated unit, over the metric's window"
_ALL_TREATED = "all treated units, over the metric's window"
_UNCOVERED = "all units without consent, over the metric's window"
_LATENCY = "requests whose latency is recorded"
_EXTRAPOLATED = (
    "An extrapolation: the effect is measured on people who consented, and holds for others only as far as "
    "they would respond alike."
)

INFERENCE = (
    Figure("requests", "Requests", "requests", "none", "Requests to a model: rows of the log.", _LOG),
    Figure(
        "recommendations", "Recommendations", "recommendations", "none",
        "Recommendations that the requests asked for.", _LOG,
    ),
    Figure("cost", "Cost", "money", "lower", "What the requests cost, added up.", _LOG),
    Figure(
        "cost_per_1k", "Cost per thousand", "money", "lower",
        "Cost of a thousand recommendations: all cost, that of requests which recommended nothing included. "
        "Empty where nothing was recommended.",
        _MADE,
    ),
    Figure(
        "latency_p50", "Latency, median", "milliseconds", "lower",
        "Half of the requests were answered within this time. From 10 million requests a quarter on, within "
        "half a per cent of the exact value.",
        _LATENCY, DDSKETCH,
    ),
    Figure(
        "latency_p95", "Latency, 95 %", "milliseconds", "lower",
        "Of 100 requests 95 were answered within this time. From 10 million requests a quarter on, within "
        "half a per cent of the exact value.",
        _LATENCY, DDSKETCH,
    ),
    Figure(
        "latency_p99", "Latency, 99 %", "milliseconds", "lower",
        "Of 100 requests 99 were answered within this time. From 10 million requests a quarter on, within "
        "half a per cent of the exact value.",
        _LATENCY, DDSKETCH,
    ),
    Figure(
        "share_over_latency_target", "Over latency target", "share", "lower",
        "Recommendations that took longer than the journey's latency target, as a share. Empty without one.",
        "recommendations whose latency is recorded",
    ),
    Figure(
        "timed_requests", "Requests timed", "requests", "none",
        "Requests whose latency is recorded: what latency, and the share over its target, rest on.",
        _LOG,
    ),
    Figure(
        "cost_per_incremental_unit", "Cost of one more order", "money", "lower",
        "Inference cost per treated unit over the metric's window, divided by the effect per treated unit: "
        "on orders where they are measured, else on the primary metric. That of the whole journey, beside "
        "each of its models. Empty unless the effect's lower limit is above 0.",
        "incremental orders or units of the primary metric",
    ),
    Figure(
        "server_requests_avoided", "Requests kept from servers", "requests", "higher",
        "Requests answered on the device, or from the page's context alone, which no server had to answer "
        "with a person's data.",
        _LOG,
    ),
    Figure(
        "server_bytes_avoided", "Bytes kept from servers", "bytes", "higher",
        "Those requests times the mean bytes of the journey's requests to servers. Empty where the log does "
        "not record bytes.",
        "requests answered on the device or from context",
    ),
    Figure(
        "training_bytes", "Bytes of training on devices", "bytes", "lower",
        "Bytes to and from the devices in all logged rounds of federated training, whatever the period. "
        "Empty where a round's traffic is not recorded.",
        "rounds of the model",
    ),
)  # fmt: skip

NET_VALUE = (
    Figure(
        "window_days", "Window", "days", "none", "How long each unit was followed after its assignment.",
        "per unit",
    ),
    Figure(
        "treated_units", "Personalised and measured", "units", "none",
        "Mature units of the variant in the experiment that decides for the journey: whom the effect is "
        "known for.",
        "all such units",
    ),
    Figure(
        "margin_per_unit", "Margin added per unit", "money", "higher",
        "Effect on margin per unit, as published with the experiment.", _TREATED,
    ),
    Figure(
        "margin_low", "Margin added, lower limit", "money", "none",
        "Lower limit of the effect on margin; at any look until the experiment has ended.", _TREATED,
    ),
    Figure(
        "margin_high", "Margin added, upper limit", "money", "none",
        "Upper limit of the effect on margin; at any look until the experiment has ended.", _TREATED,
    ),
    Figure(
        "personalised_units", "Personalised in the period", "units", "none",
        "Units with a personalised event of the journey in the period, over whom its inference cost is "
        "spread.",
        "all units, in the experiment or not",
    ),
    Figure(
        "inference_cost", "Inference cost", "money", "lower",
        "What the journey's inference cost in the period, all models and ways of serving.", _LOG,
    ),
    Figure(
        "cost_per_unit_day", "Inference cost per unit and day", "money", "lower",
        "Inference cost of the period spread evenly over the days that the personalised units were in it, "
        "each from its first personalised event.",
        "days of personalised units",
    ),
    Figure(
        "cost_per_unit", "Inference cost per unit", "money", "lower",
        "Inference cost of one treated unit over the metric's window.", _TREATED,
    ),
    Figure(
        "net_value", "Net value", "money", "higher",
        "Margin added per treated unit less its inference cost over the same window, times the treated "
        "units. The cost is a ledger figure and taken as known.",
        _ALL_TREATED,
    ),
    Figure(
        "net_low", "Net value, lower limit", "money", "none",
        "Net value at the lower limit of the margin; at any look until the experiment has ended.",
        _ALL_TREATED,
    ),
    Figure(
        "net_high", "Net value, upper limit", "money", "none",
        "Net value at the upper limit of the margin; at any look until the experiment has ended.",
        _ALL_TREATED,
    ),
    Figure(
        "break_even_cost_per_recommendation", "Break-even cost", "money", "higher",
        "What one recommendation may cost before the margin it adds is used up. Below 0, no price pays.",
        "recommendations per treated unit, over the metric's window",
    ),
    Figure(
        "break_even_low", "Break-even cost, lower limit", "money", "none",
        "Break-even cost at the lower limit of the margin: a recommendation this cheap surely pays.",
        "recommendations per treated unit, over the metric's window",
    ),
    Figure(
        "break_even_high", "Break-even cost, upper limit", "money", "none",
        "Break-even cost at the upper limit of the margin: a recommendation this dear surely does not pay.",
        "recommendations per treated unit, over the metric's window",
    ),
    Figure(
        "uncovered_units", "Not covered by consent", "units", "lower",
        "Units assigned to any arm of the journey's experiment that do not count for want of consent.",
        "assigned units",
    ),
    Figure(
        "value_of_consent", "Value of consent", "money", "none",
        f"Net value per treated unit times the units without consent. {_EXTRAPOLATED}", _UNCOVERED,
    ),
    Figure(
        "value_of_consent_low", "Value of consent, lower limit", "money", "none",
        f"Value of consent at the lower limit of the margin. {_EXTRAPOLATED}", _UNCOVERED,
    ),
    Figure(
        "value_of_consent_high", "Value of consent, upper limit", "money", "none",
        f"Value of consent at the upper limit of the margin. {_EXTRAPOLATED}", _UNCOVERED,
    ),
)  # fmt: skip
