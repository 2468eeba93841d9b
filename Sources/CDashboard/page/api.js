// Speaks to the daemon this page came from, and to nobody else.

/** What the daemon refused, in its own words. `status` 0: it could not be reached. */
export class Refusal extends Error {
  constructor(status, body) {
    super(typeof body?.detail === "string" ? body.detail : typeof body?.error === "string" ? body.error : "the daemon did not say why");
    this.status = status;
    this.code = body?.code ?? null;
    this.remedy = typeof body?.remedy === "string" ? body.remedy : null;
    this.fields = Array.isArray(body?.fields) ? body.fields : [];
    this.body = body;
  }
}

/** A name as part of an address. */
export const part = encodeURIComponent;

/** Lets errors through that are none of the daemon's. */
export function expected(error) {
  if (!(error instanceof Refusal)) throw error;
}

/** `key` belongs to this browser's sign-in cookie, which is worth nothing without it. */
export const session = { token: null, key: null, who: null };

const BASE = "/api/v1/execution";
let onSignedOut = () => {};

/** `signedOut(refusal)` is called on a 401. */
export function observe(signedOut) {
  onSignedOut = signedOut;
}

/** The token is no longer good. */
export function signedOut(refusal) {
  onSignedOut(refusal);
}

export function headers(more = {}) {
  if (session.token) return { ...more, "X-Execution-Token": session.token };
  return session.key ? { ...more, "X-Execution-Session": session.key } : more;
}

export function url(path) {
  return path.startsWith("/") ? path : `${BASE}/${path}`;
}

/**
 * One exchange; the answer's object.
 * @throws {Refusal}
 */
export async function call(method, path, body, { signal, seconds = 30, isSigningIn = false } = {}) {
  const limit = AbortSignal.timeout(seconds * 1000);
  const options = {
    method, cache: "no-store", redirect: "error", credentials: "same-origin",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    headers: headers(body === undefined ? {} : { "Content-Type": "application/json" }),
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  let response;
  let answer;
  try {
    response = await fetch(url(path), options);
    answer = JSON.parse(await response.text());
    signal?.throwIfAborted();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (response && error instanceof SyntaxError) throw new Refusal(response.status, { detail: "the answer is not JSON" });
    if (limit.aborted) throw new Refusal(0, { detail: `no answer within ${seconds} s`, code: "no_answer" });
    throw new Refusal(0, { detail: "the daemon does not answer", code: "unreachable", remedy: "this page tries again by itself" });
  }
  if (response.status === 401 && !isSigningIn) onSignedOut(new Refusal(401, answer));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export const get = (path, options) => call("GET", path, undefined, options);

/** Whether the daemon has this optional part. */
export function has(part) {
  return part === null || (session.who?.features?.includes(part) ?? false);
}

/** Whether the caller may do what the daemon calls `permission`. */
export function may(permission) {
  return session.who?.permissions.includes(permission) ?? false;
}
