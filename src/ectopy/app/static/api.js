// Asks the REST routes; what goes wrong is an Error with the sentence of the server.

const BASE = "/api/v1/";

/** What the server refused. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path Below /api/v1/.
 * @param {Record<string, any>} [params]
 */
export function address(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** @param {string} method @param {string} url @param {RequestInit} [options] */
async function ask(method, url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      credentials: "same-origin",
      ...options,
      headers: { "X-Ectopy": "pages", ...options.headers },
    });
  } catch {
    throw new Refusal(0, "The server does not answer; is it still running? Nothing was lost.");
  }
  if (answer.ok) return answer;
  let sentence = `the server answered ${answer.status}`;
  try {
    sentence = (await answer.json()).error ?? sentence;
  } catch {
    // it was no JSON: the status says it
  }
  throw new Refusal(answer.status, sentence);
}

/** @param {string} path @param {Record<string, any>} [params] @returns {Promise<any>} */
export async function get(path, params) {
  return (await ask("GET", address(path, params))).json();
}

/**
 * @param {string} path @param {Record<string, any>} [params]
 * @returns {Promise<{buffer: ArrayBuffer, headers: Headers}>}
 */
export async function binary(path, params) {
  const answer = await ask("GET", address(path, params));
  return { buffer: await answer.arrayBuffer(), headers: answer.headers };
}

/** @param {string} method @param {string} path @param {any} [body] @returns {Promise<any>} */
export async function send(method, path, body) {
  const options =
    body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await ask(method, address(path), options);
  return answer.status === 204 ? null : answer.json();
}

/** A name for one request, so that it is not carried out twice. */
export function fresh() {
  const numbers = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(numbers, (n) => n.toString(16).padStart(2, "0")).join("");
}

/** The routes of one recording. */
export class RecordingApi {
  /** @param {string} id */
  constructor(id) {
    this.at = `recordings/${id}`;
  }

  /** @param {string} path @param {Record<string, any>} [params] */
  get(path, params) {
    return get(`${this.at}/${path}`, params);
  }

  /** @param {string} path @param {Record<string, any>} [params] */
  binary(path, params) {
    return binary(`${this.at}/${path}`, params);
  }

  /** @param {Record<string, any>} params */
  window(params) {
    return this.binary("window", params);
  }

  /** @param {string} path @param {any} [body] */
  post(path, body = {}) {
    return send("POST", `${this.at}/${path}`, body);
  }

  /** @param {string} path @param {any} body */
  put(path, body) {
    return send("PUT", `${this.at}/${path}`, body);
  }

  /** @param {string} what */
  exported(what) {
    return address(`${this.at}/export/${what}`);
  }

  /** @param {string} patient Whose the record is, where the file does not say. */
  training(patient) {
    return this.binary("export/training", { patient });
  }

  /**
   * Make an edit, once: after a lost answer it is sent again under the same name.
   * @param {string} how `edits`, `undo` or `redo` @param {any} body
   */
  async once(how, body) {
    const named = { ...body, key: fresh() };
    try {
      return await this.post(how, named);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 0) throw error;
      return this.post(how, named);
    }
  }
}
