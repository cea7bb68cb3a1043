package io.consoul.redis;

import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/**
 * What one step of a scan over all keys found. A key may come more than once.
 *
 * @param next where to go on, or null at the end
 */
public record ScanPage(List<String> keys, Cursor next) {

  /**
   * How far a scan is.
   *
   * @param server which one in the order of the masters
   * @param cursor of that server
   */
  public record Cursor(int server, String cursor) {
    public static final Cursor START = new Cursor(0, "0");
  }

  /** @param servers how many there are */
  static ScanPage of(Response answer, Cursor from, int servers) {
    List<String> keys = new ArrayList<>();
    answer.get(1).forEach(key -> keys.add(key.toString()));
    String cursor = answer.get(0).toString();
    if (!cursor.equals(Cursor.START.cursor)) {
      return new ScanPage(keys, new Cursor(from.server, cursor));
    }
    return new ScanPage(
        keys, from.server + 1 < servers ? new Cursor(from.server + 1, cursor) : null);
  }
}
