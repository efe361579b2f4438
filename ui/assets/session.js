// When the server has ended the session, a page that no longer answers gives way to the sign-in page.
const look = async () => {
  const state = await fetch("/session", { cache: "no-store" }).catch(() => null);
  if (state && (state.status === 401 || state.status === 403)) location.reload();
};
setInterval(look, 10000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
addEventListener("pageshow", (event) => event.persisted && look());
