// Sends the files of a recording, one after another, straight from the disk.

import { send } from "../api.js";
import { by, fault, h } from "../dom.js";

/**
 * Listen for files that are dropped or chosen.
 * @param {(row: any) => void} began Told of a recording that is being analysed.
 * @param {() => void} refused Told of one that was sent, and is not to be analysed.
 */
export function begin(began, refused) {
  const drop = by("drop");
  const input = by("files");
  by("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    submit([...input.files], began, refused);
    input.value = "";
  });
  let depth = 0; // of elements that are dragged over
  const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!files(event)) return;
    depth += 1;
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (files(event) && (depth -= 1) <= 0) drop.classList.remove("over");
  });
  document.addEventListener("dragover", (event) => files(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    depth = 0;
    drop.classList.remove("over");
    submit([...(event.dataTransfer?.files ?? [])], began, refused);
  });
}

/** @param {File[]} files @param {(row: any) => void} began @param {() => void} refused */
async function submit(files, began, refused) {
  if (!files.length || !stated()) return;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Sending ${files[0].name}` });
  const told = h("span", {}, files.length > 1 ? `${files[0].name} and ${files.length - 1} more` : files[0].name);
  const line = h("li.row", {}, told, bar);
  by("sending").append(line);
  let id = "";
  let whole = false;
  const leave = (/** @type {Event} */ event) => event.preventDefault();
  window.addEventListener("beforeunload", leave);
  try {
    const rate = by("stated-rate").value;
    const row = await send("POST", "recordings", {
      name: by("stated-name").value.trim(),
      files: files.map((file) => file.name.slice(0, 300)),
      ...(rate && { fs_hz: Number(rate) }),
      ...(by("stated-units").value && { units: by("stated-units").value }),
      ...(by("stated-lead").value.trim() && { lead: by("stated-lead").value.trim() }),
    });
    id = row.id;
    let before = 0;
    for (const [number, file] of files.entries()) {
      await put(`/api/v1/recordings/${id}/files/${number}`, file, (sent) => {
        bar.value = total ? (before + sent) / total : 1;
      });
      before += file.size;
    }
    whole = true;
    began(await send("POST", `recordings/${id}/analyse`));
    by("stated-name").value = "";
  } catch (error) {
    fault(error);
    if (whole) refused();
    else if (id) {
      await send("DELETE", `recordings/${id}`).catch(() => undefined); // half of it is of no use
    }
  } finally {
    window.removeEventListener("beforeunload", leave);
    line.remove();
  }
}

/** Whether what is stated can be: a rate, say; else the reader is shown what cannot. */
function stated() {
  const wrong = [...by("stated").querySelectorAll("input")].find((field) => !field.checkValidity());
  if (!wrong) return true;
  by("stated").open = true;
  return wrong.reportValidity();
}

/** fetch() tells nothing of what was sent so far. @param {string} url @param {File} file @param {(sent: number) => void} progress */
function put(url, file, progress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("X-Ectopy", "pages");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("error", () =>
      failed(new Error(`${file.name} could not be sent: it is larger than the server takes, or the server does not answer`)),
    );
    request.addEventListener("load", () => {
      if (request.status < 300) return done(undefined);
      let sentence = `${file.name} was refused (${request.status})`;
      try {
        sentence = JSON.parse(request.responseText).error ?? sentence;
      } catch {
        // the status says it
      }
      failed(new Error(sentence));
    });
    request.send(file);
  });
}
