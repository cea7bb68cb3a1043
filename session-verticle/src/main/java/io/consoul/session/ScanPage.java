package io.consoul.session;

import java.util.List;

/**
 * What one step of a scan over all keys found. A key may come more than once.
 *
 * @param next where to go on, or null at the end
 */
record ScanPage(List<String> keys, Cursor next) {

  /**
   * How far a scan is.
   *
   * @param server which one in the order of the masters
   * @param cursor of that server
   */
  record Cursor(int server, String cursor) {
    static final Cursor START = new Cursor(0, "0");
  }
}
