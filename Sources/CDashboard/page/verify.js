// Checks a receipt in this browser, without trusting the daemon's word (docs/audit-format.md): the stored lines against
// their hashes, the path from the last of them to a checkpoint's root, and the checkpoint's signature.

const encoder = new TextEncoder();

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function unhex(text) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new TypeError("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));

/** The hash that a stored line names, recomputed from its bytes. */
async function hashOf(line) {
  const match = /^(.*),"hash":"([0-9a-f]{64})"\}$/s.exec(line);
  if (!match) return null;
  return { stated: match[2], computed: hex(await sha256(encoder.encode(`${match[1]}}`))) };
}

/** RFC 6962, 2.1.1: the root that `path` leads to from leaf `index` of `size`. */
async function rootFrom(leaf, index, size, path) {
  let node = await sha256(Uint8Array.of(0), leaf);
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0) return null;
    if (index % 2 === 1 || index === last) {
      node = await sha256(Uint8Array.of(1), unhex(sibling), node);
      while (index % 2 === 0 && index !== 0) {
        index /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = await sha256(Uint8Array.of(1), node, unhex(sibling));
    }
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hex(node) : null;
}

async function isSigned(checkpoint) {
  const text = `execution-layer audit checkpoint v1\n${checkpoint.size}\n${checkpoint.root}\n${checkpoint.head}\n${checkpoint.signed_at}\n`;
  const key = await crypto.subtle.importKey("raw", unhex(checkpoint.public_key), { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, unhex(checkpoint.signature), encoder.encode(text));
}

/** The key that this browser saw first; another one later is worth a question. */
function keyIsKnown(key) {
  try {
    const known = localStorage.getItem("execution_audit_key");
    if (!known) localStorage.setItem("execution_audit_key", key);
    return !known || known === key;
  } catch {
    return true;
  }
}

/** Whether the entry on the screen says what the stored lines say. */
function agrees(entry, lines) {
  const merged = {};
  for (const line of lines) {
    for (const [name, value] of Object.entries(JSON.parse(line))) if (value !== null) merged[name] = value;
  }
  const own = ["seq", "prev", "hash", "ts", "finished_at", "outcome_seq"];
  return Object.entries(entry).every(([name, value]) =>
    own.includes(name) || value === null || JSON.stringify(sorted(value)) === JSON.stringify(sorted(merged[name])));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

/** Every check as `{ok, text}`; `ok` is null where something could not be checked. */
export async function verify({ entry, receipt, lines }) {
  if (!globalThis.crypto?.subtle) {
    return [{ ok: null, text: "This browser checks nothing on a page that is neither https nor on this machine." }];
  }
  if (!receipt) return [{ ok: false, text: "There is no receipt: the stored line is not there as it was written." }];
  try {
    return await checks(entry, receipt, lines);
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return [{ ok: false, text: "The receipt is not well-formed." }];
    throw error;
  }
}

async function checks(entry, receipt, lines) {
  const found = [];
  if (lines?.length > 0) {
    const hashes = await Promise.all(lines.map(hashOf));
    const isWhole = hashes.every((hash) => hash && hash.stated === hash.computed) && hashes.at(-1).stated === receipt.hash;
    found.push({ ok: isWhole, text: isWhole ? "The stored lines have the hashes that they name." : "A stored line does not have the hash that it names." });
    const isShown = agrees(entry, lines);
    found.push({ ok: isShown, text: isShown ? "What is shown here is what the lines say." : "What is shown here is not what the lines say." });
  }
  const { checkpoint, inclusion_proof: path } = receipt;
  if (!checkpoint || !path) {
    found.push({ ok: null, text: "No checkpoint covers this line yet. The next one comes within 30 seconds." });
    return found;
  }
  const root = await rootFrom(unhex(receipt.hash), receipt.seq - 1, checkpoint.size, path);
  const isIncluded = root === checkpoint.root;
  found.push({ ok: isIncluded, text: isIncluded ? `The line is in the log that the checkpoint covers (${checkpoint.size} lines).` : "The line is not in the log that the checkpoint covers." });
  try {
    const isGood = await isSigned(checkpoint);
    found.push({ ok: isGood, text: isGood ? `The checkpoint is signed with the key ${checkpoint.key_id}.` : "The checkpoint's signature is wrong." });
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    found.push({ ok: null, text: "This browser does not know Ed25519, so the signature was not checked." });
  }
  if (!keyIsKnown(checkpoint.public_key)) {
    found.push({ ok: false, text: "The signing key is another one than this browser saw before on this address." });
  }
  return found;
}
