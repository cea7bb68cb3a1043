package io.consoul.gateway.limit;

/** How what is charged to a window is kept in Redis; charge.lua says what each is. */
enum WindowKind {
  /** Every unit, exact. */
  LOG,
  /** What was charged in each hundredth of the length: never over the limit, and at most one hundredth below it. */
  SLOTS,
  /** One number for a stretch of the calendar. */
  FIXED;

  /** Above, a log would be too much memory for one caller. */
  static final int MAX_LOG = 10_000;

  /** @param moving whether the window is any stretch of its length */
  static WindowKind of(Window window, boolean moving) {
    if (!moving) {
      return FIXED;
    }
    return window.whole() <= MAX_LOG ? LOG : SLOTS;
  }
}
