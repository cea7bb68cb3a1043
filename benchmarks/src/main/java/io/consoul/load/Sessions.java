package io.consoul.load;

import java.util.HashMap;
import java.util.Map;

/**
 * The sessions of the clients: a new one every ten turns, for a history grows with each, and so does what a turn costs. Confined to one
 * event loop.
 */
final class Sessions {

  private static final int TURNS = 10;

  private final Map<Integer, String> current = new HashMap<>();
  private int made;

  static boolean isNew(int number) {
    return number % TURNS == 0;
  }

  String of(int client, int number) {
    if (isNew(number)) {
      current.put(client, "load-" + made++);
    }
    return current.get(client);
  }
}
