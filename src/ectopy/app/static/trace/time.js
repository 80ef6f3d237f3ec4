// Times as readers of a Holter have them: the clock where the file tells it, else from the start.

/** @param {number} n @param {number} digits */
const padded = (n, digits = 2) => String(Math.floor(n)).padStart(digits, "0");

/** The clock of one recording. */
export class Clock {
  /** @param {string | null} start When it began, ISO 8601; null where the file does not say. */
  constructor(start) {
    const told = start?.match(/^(\d+)-(\d+)-(\d+)T(\d+):(\d+):([\d.]+)/)?.slice(1).map(Number);
    // The wall clock of the recorder, whatever the time zone of the reader.
    this.start_ms = told
      ? Date.UTC(told[0], told[1] - 1, told[2], told[3], told[4], 0) + told[5] * 1000
      : null;
    this.first_day = told ? Math.floor(/** @type {number} */ (this.start_ms) / 86_400_000) : 0;
  }

  /**
   * Time of day, or time from the start; with the day where it is not the first.
   * @param {number} time_s From the start.
   * @param {number} digits Of parts of a second.
   */
  text(time_s, digits = 0) {
    const factor = 10 ** digits;
    const whole = Math.round(((this.start_ms ?? 0) / 1000 + time_s) * factor) / factor;
    const day = Math.floor(whole / 86_400);
    const s = whole - day * 86_400;
    const fraction = digits
      ? `.${padded(Math.round((s - Math.floor(s)) * factor) % factor, digits)}`
      : "";
    const at = `${padded(s / 3600)}:${padded((s / 60) % 60)}:${padded(s % 60)}${fraction}`;
    const days = day - this.first_day;
    return days > 0 ? `${at} day ${days + 1}` : at;
  }

  /** The same without the day. @param {number} time_s @param {number} digits */
  time(time_s, digits = 0) {
    return this.text(time_s, digits).replace(/ day \d+$/, "");
  }

  /** The day where it is not the first, else nothing. @param {number} time_s */
  day(time_s) {
    return this.text(time_s).match(/day \d+$/)?.[0] ?? "";
  }

  /** Hours and minutes, with seconds where they are not none. @param {number} time_s */
  minute(time_s) {
    return this.time(time_s).replace(/^(\d+:\d+):00$/, "$1");
  }

  /** Seconds from the start at which a round hour, minute, ... lies. @param {number} step_s */
  phase(step_s) {
    return this.start_ms === null ? 0 : (this.start_ms / 1000) % step_s;
  }
}
