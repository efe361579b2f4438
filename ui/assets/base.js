// Where the server is, so that the page need not search for it from a deep link.
window.__streamlit = { BACKEND_BASE_URL: new URL("./", location.href).href };
