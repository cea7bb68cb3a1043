package io.consoul.redis;

import java.net.URI;

/** Where a server listens. It prints without user and password, so that it may stand in a log. */
record RedisNode(String host, int port) implements Comparable<RedisNode> {

  private static final int DEFAULT_PORT = 6_379;

  static RedisNode of(String url) {
    URI uri = URI.create(url);
    return new RedisNode(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
  }

  @Override
  public int compareTo(RedisNode other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
