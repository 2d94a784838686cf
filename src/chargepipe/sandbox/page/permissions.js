// What the connecting user may do, and the life of the OAuth app.

import { actions, does } from "./actions.js";
import { badge, byId, drawing, el, hint } from "./dom.js";
import { title } from "./format.js";

const draw = drawing(byId("permissions"), (permissions, app) => [
  hint("What the user that chargepipe connects as may do. A call that needs more is answered 403."),
  el("ul", { class: "switches" }, Object.entries(permissions).map(([name, may]) => el("li", {},
    el("span", {}, title(name)), badge(may ? "allowed" : "forbidden", may ? "good" : "bad"),
    actions(`permission ${name}`, [
      does(may ? "Forbid" : "Allow", "crm", may ? "forbid" : "allow", { permission: name },
        { says: `${may ? "Forbid" : "Allow"}: ${title(name)}` }),
    ])))),
  el("h4", {}, `${app.name} (OAuth)`, badge(app.is_installed ? "installed" : "not installed")),
  !app.is_installed && hint("It is installed when somebody connects by OAuth and says yes on Pipedrive's page."),
  actions("apps", [
    does("Uninstall", "apps", "uninstall", {}, { says: "As a user does in Pipedrive's marketplace" }),
    does("Revoke its tokens", "apps", "revoke", {}),
  ]),
]);

/** Draw the switches. */
export function drawPermissions(state) {
  draw(state.permissions, state.app);
}
