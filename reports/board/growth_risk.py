"""The growth-risk map: what each journey brings, against how many checks stand against it."""

from reports.board.parts import GrowthRisk, Point, Row


def growth_risk(rows: tuple[Row, ...]) -> GrowthRisk:
    """Journeys by net value, or by lift where more of them have that; never by a score of several things."""
    worth = [row for row in rows if row.net_value.known]
    lifted = [row for row in rows if row.lift.known and row.lift.unit == "lift"]
    by_value = len(worth) >= len(lifted)
    shown = worth if by_value else lifted
    return GrowthRisk(
        measure="net_value" if by_value else "relative",
        points=tuple(
            Point(
                journey=row.journey,
                name=row.name,
                figure=row.net_value if by_value else row.lift,
                standing=row.gate.standing,
                gate=row.gate,
            )
            for row in shown
        ),
        without=tuple(row.name for row in rows if row not in shown),
    )
