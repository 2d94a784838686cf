// What can be done with a deal alone.

import { asks, does } from "./actions.js";
import { numbers } from "./format.js";

/** The buttons of a deal. */
export function dealDoings({ id, status, stage_id, is_archived: archived }, { choices }) {
  const stages = choices.stages.map((stage) => [String(stage.id), stage.name]);
  return [
    asks("Move ...", "Move to another stage", [
      { name: "stage_id", label: "Stage", type: "select", options: stages, value: String(stage_id), number: true },
    ], (given) => ["crm", "move_deal", { id, ...given }], { submit: "Move" }),
    status !== "won" && does("Win", "crm", "win_deal", { id }),
    status !== "lost" && asks("Lose ...", "Lose the deal", [{ name: "reason", label: "Reason", optional: true }],
      (given) => ["crm", "lose_deal", { id, ...given }]),
    status !== "open" && does("Reopen", "crm", "reopen_deal", { id }),
    archived ? does("Unarchive", "crm", "unarchive_deal", { id }) : does("Archive", "crm", "archive_deal", { id }),
    asks("Add products ...", "Add products", [
      { name: "amounts", label: "Amounts (with commas between)", value: "100, 50", help: "From then on they make the deal's value." },
    ], ({ amounts }) => ["crm", "add_products", { id, amounts: numbers(amounts, "An amount") }]),
    does("Remove products", "crm", "remove_products", { id }, { says: "Remove products: the value stays, and can be edited again" }),
  ];
}
