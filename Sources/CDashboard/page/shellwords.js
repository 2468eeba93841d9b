// The same call as lines for a POSIX shell. Every character of the arguments arrives as it is and none acts: what is no
// plain letter stands as a \u escape of JSON, the rest between single quotes. The token is a variable, never a value.

const HIDDEN = /[^\x20-\x7E]/gu;

function json(value) {
  return JSON.stringify(value).replace(HIDDEN, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""));
}

export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function curl(call, hasToken) {
  const token = hasToken ? ` -H "X-Execution-Token: $EXECUTION_TOKEN"` : "";
  return `curl -s${token} -H 'Content-Type: application/json' ${quoted(`${location.origin}/api/v1/execution/run`)} -d ${quoted(json(call))}`;
}

export function commandLine(call) {
  const base = location.origin === "http://127.0.0.1:8000" ? "" : ` --base ${quoted(location.origin)}`;
  const reason = call.reason ? ` --reason ${quoted(plainReason(call.reason))}` : "";
  return `execlayer run ${call.tool_name} --args ${quoted(json(call.args))} ${call.dry_run ? "--dry-run" : "--no-dry-run"}${reason}${base}`;
}

/** A word of the command line has no escapes of its own, so what a terminal would act on is left out. */
function plainReason(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ");
}
