// Links between pages keep the session: the app follows the address as if one had gone back or forward.
// Without this script they are plain links and load the page anew.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.lg-link");
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || new URL(link.href).origin !== location.origin) return;
  event.preventDefault();
  history.pushState({}, "", link.href);
  dispatchEvent(new PopStateEvent("popstate"));
  document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  const menu = link.closest(".lg-menu");
  if (menu && innerWidth < 769) document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
});
