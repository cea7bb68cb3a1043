package io.consoul.launcher.tryout;

import java.util.List;

/** What a node does. */
enum Role {
  ALL("gateway,session,provider,gc"),
  EDGE("gateway,gc"),
  SESSION("session"),
  PROVIDER("provider");

  private static final List<Role> SPLIT = List.of(EDGE, SESSION, PROVIDER);

  /** So many nodes have one of each where they are split. */
  static final int FEWEST_SPLIT = SPLIT.size();

  private final String verticles;

  Role(String verticles) {
    this.verticles = verticles;
  }

  /** @param index of a node, from 0 */
  static Role of(int index, boolean split) {
    return split ? SPLIT.get(index % SPLIT.size()) : ALL;
  }

  /** In the notation of the option of that name. */
  String verticles() {
    return verticles;
  }

  boolean hasGateway() {
    return this == ALL || this == EDGE;
  }

  boolean hasProvider() {
    return this == ALL || this == PROVIDER;
  }
}
