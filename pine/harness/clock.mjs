// The clock that a script sees: `timenow` and whether a bar is closed follow it.

const RealDate = globalThis.Date;
let frozenMs = null;

class SetDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(SetDate.now());
    else super(...parts);
  }

  static now() {
    return frozenMs ?? RealDate.now();
  }
}

/** Freeze the clock at this moment, in milliseconds since the epoch. */
export function clockSet(ms) {
  frozenMs = ms;
  globalThis.Date = SetDate;
}

/** Let the real clock run again. */
export function clockFree() {
  frozenMs = null;
  globalThis.Date = RealDate;
}
