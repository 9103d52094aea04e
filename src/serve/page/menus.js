// The bar's lesser parts: theme, downloads, sharing, and the page without a token.

import { byId, h, save, setText } from "./dom.js";
import { takeToken } from "./api.js";

const THEME = "faascast-theme";

/** Auto, light or dark; remembered in this browser. `changed` is called for a choice. */
export function theme(first, changed) {
  const select = byId("theme");
  const put = (name) => {
    const known = ["light", "dark"].includes(name) ? name : "auto";
    select.value = known;
    document.documentElement.dataset.theme = known;
  };
  put(first ?? localStorage.getItem(THEME));
  select.addEventListener("change", () => {
    put(select.value);
    localStorage.setItem(THEME, select.value);
    changed();
  });
  // A link's theme is part of what is shown; one that leaves it open leaves it to the reader.
  const open = (name) => name !== undefined && name !== "auto" && put(name);
  return { get: () => select.value, open };
}

/** The menu of downloads; `fetchFile(form)` gets one. */
export function downloads(fetchFile, failed) {
  const menu = byId("downloads");
  const close = () => {
    if (!menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  };
  menu.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  for (const button of menu.querySelectorAll("[data-form]")) {
    button.addEventListener("click", async () => {
      close();
      try {
        const { blob, name } = await fetchFile(button.dataset.form);
        save(blob, name);
      } catch (error) {
        failed(error);
      }
    });
  }
}

/** The dialog of links. `link()` gives the present one, `open(text)` shows another and rejects if it is damaged. */
export function sharing(link, open) {
  const dialog = byId("sharing");
  const [field, said, paste, wrong] = ["link", "said", "paste", "error"].map((name) => byId(`sharing-${name}`));
  byId("share").addEventListener("click", async () => {
    field.value = await link();
    paste.value = "";
    for (const text of [said, wrong]) setText(text, "");
    dialog.showModal();
    field.focus();
    field.select();
  });
  byId("sharing-copy").addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      setText(said, "Copied.");
    } catch {
      setText(said, "This browser does not allow it: press Ctrl+C.");
    }
  });
  const opened = async () => {
    try {
      await open(paste.value);
      dialog.close();
    } catch (error) {
      setText(wrong, error.message);
      paste.setAttribute("aria-invalid", "true");
    }
  };
  paste.addEventListener("input", () => paste.removeAttribute("aria-invalid"));
  onEnter(paste, opened);
  byId("sharing-open").addEventListener("click", opened);
  byId("sharing-close").addEventListener("click", () => dialog.close());
}

/** Asks for the address that the server printed, and opens it with what this link shows. */
export function askForToken() {
  const dialog = byId("locked");
  const [field, wrong] = [byId("locked-address"), byId("locked-error")];
  const open = () => {
    let address;
    try {
      address = new URL(field.value.trim());
    } catch {
      address = null;
    }
    const local = address && ["127.0.0.1", "localhost", "[::1]"].includes(address.hostname);
    if (!local || !address.searchParams.get("token")) {
      field.setAttribute("aria-invalid", "true");
      setText(wrong, "This is not such an address: it begins with http://127.0.0.1 and has ?token= in it.");
      return;
    }
    address.hash = location.hash;
    if (address.origin === location.origin) {
      history.replaceState(null, "", address);
      takeToken();
      location.reload();
    } else {
      location.assign(address);
    }
  };
  onEnter(field, open);
  byId("locked-open").addEventListener("click", open);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
}

/** The gallery as options; one's own text has an option while it is shown. */
export function galleryOptions(select, gallery) {
  select.replaceChildren(...gallery.map((card) => h("option", { value: card.id }, card.id === "file" ? `${card.title} (file)` : card.title)));
}

function onEnter(field, act) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    act();
  });
}
