// The tour of the first visit: which step shows stands on the root element, for the style sheet; that it is over, in a cookie.
const tour = document.documentElement.dataset;
const ENDED = "liftgate_tour=ended";
const remember = (days) => {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${ENDED}; Path=${new URL("./", location.href).pathname}; Max-Age=${days * 86400}; SameSite=Lax${secure}`;
};
const over = document.cookie.split("; ").includes(ENDED);
tour.tour = over ? "ended" : "1";
if (over) remember(400);
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-to]");
  if (!pressed) return;
  if (pressed.href) return remember(0);
  tour.tour = pressed.dataset.to;
  if (tour.tour === "ended") {
    remember(400);
    const title = document.querySelector("h1.lg-title");
    title?.setAttribute("tabindex", "-1");
    return title?.focus();
  }
  const acts = [...document.querySelectorAll(`[data-step="${tour.tour}"] button`)];
  (acts.find((act) => act.textContent === pressed.textContent) ?? acts[0])?.focus();
});
