// Links between pages keep the session: the app follows the address as if one had gone back or forward.
// Without this script they are plain links and load the page anew.
const follow = (address) => {
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
  document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.lg-link");
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || new URL(link.href).origin !== location.origin) return;
  event.preventDefault();
  follow(link.href);
  const menu = link.closest(".lg-menu");
  if (menu && innerWidth < 769) document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
});

// So do the points of a chart whose traces name an address for each; its table has the same links.
document.addEventListener("pointerover", (event) => {
  const chart = event.target.closest(".js-plotly-plot");
  if (!chart?.on || chart.dataset.leads) return;
  chart.dataset.leads = "yes";
  chart.on("plotly_click", ({ points: [point] }) => {
    const address = point.data.meta?.[point.pointIndex];
    if (address && new URL(address, location).origin === location.origin) follow(address);
  });
});
