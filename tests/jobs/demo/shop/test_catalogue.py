import numpy as np
import pytest

from jobs.demo.plan import CART, HOMEPAGE
from jobs.demo.shop.catalogue import CATEGORIES, Catalogue, catalogue


@pytest.fixture(scope="module")
def shop() -> Catalogue:
    return catalogue(np.random.default_rng(5), 1.0, (CART, HOMEPAGE))


@pytest.mark.parametrize(("scale", "products"), [(0.0001, 100), (0.25, 1000), (1.0, 2000), (4.0, 4000)])
def test_the_range_grows_with_the_square_root_of_scale(scale: float, products: int) -> None:
    assert len(catalogue(np.random.default_rng(5), scale, (CART,)).sku) == products


def test_products_are_distinct_and_demand_is_zipf(shop: Catalogue) -> None:
    assert shop.sku.n_unique() == len(shop.sku)
    assert shop.category.n_unique() == len(CATEGORIES)
    assert shop.share.sum() == pytest.approx(1)
    assert (np.diff(shop.share) < 0).all()
    assert shop.share[:200].sum() > 0.5


def test_margins_and_prices_are_a_shops(shop: Catalogue) -> None:
    assert shop.margin_rate.min() >= 0.25
    assert shop.margin_rate.max() <= 0.45
    assert shop.price.min() > 0
    assert 10 < shop.line_value < 60


def test_a_recommended_product_and_its_neighbours_share_category_price_and_margin(shop: Catalogue) -> None:
    for swaps in shop.swaps.values():
        for pushed, others in zip(swaps.recommended, swaps.neighbours, strict=True):
            for other in others:
                assert shop.category[other] == shop.category[pushed]
                assert shop.price[other] == shop.price[pushed]
                assert shop.margin_rate[other] == shop.margin_rate[pushed]


def test_journeys_push_products_of_different_categories(shop: Catalogue) -> None:
    pushed = [{shop.category[item] for item in swaps.recommended} for swaps in shop.swaps.values()]
    assert not pushed[0] & pushed[1]
