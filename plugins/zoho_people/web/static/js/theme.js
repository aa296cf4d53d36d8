/** Dark and light as Airflow is: its choice stands in the browser's storage, which this page shares. */

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // A browser that keeps nothing.
  }
}

export function follow(onChange) {
  const apply = () => {
    const choice = chosen();
    const theme = ["dark", "light"].includes(choice) ? choice : system.matches ? "dark" : "light";
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    onChange();
  };
  addEventListener("storage", (event) => (event.key === KEY || event.key === null) && apply());
  system.addEventListener("change", apply);
  apply();
}
