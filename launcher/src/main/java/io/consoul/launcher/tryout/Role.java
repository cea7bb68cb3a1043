package io.consoul.launcher.tryout;

import java.util.List;

/** What a node does. */
enum Role {
  ALL("gateway,session,provider,gc"),
  EDGE("gateway,gc"),
  SESSION("session"),
  PROVIDER("provider");

  /** What the nodes of a cluster do in turn where each has one kind only; the gc has no work to speak of. */
  static final List<Role> SPLIT = List.of(EDGE, SESSION, PROVIDER);

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

  List<String> arguments() {
    return List.of("--verticles", verticles);
  }

  boolean hasGateway() {
    return this == ALL || this == EDGE;
  }

  boolean hasProvider() {
    return this == ALL || this == PROVIDER;
  }
}
