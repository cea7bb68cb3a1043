package io.consoul.redis;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** One instance's connections to one server: one, and more while many commands are under way on each. */
final class RedisWires {

  /** Above, another connection is worth opening: one alone carries some hundred thousand commands a second. */
  private static final int BUSY = 64;

  private final RedisDialer dialer;
  private final RedisNode node;
  private final int max;
  private final RedisTraffic traffic;
  private final Runnable lost;
  private final List<RedisWire> wires = new ArrayList<>();
  private Future<RedisWire> dialling;
  private boolean closed;

  /** @param lost called when a connection is closed, unless by {@link #close} */
  RedisWires(RedisDialer dialer, RedisNode node, int max, RedisTraffic traffic, Runnable lost) {
    this.dialer = dialer;
    this.node = node;
    this.max = max;
    this.traffic = traffic;
    this.lost = lost;
  }

  /** @return the one with the least to do, or null where none is open */
  RedisWire idlest() {
    RedisWire idlest = null;
    for (RedisWire wire : wires) {
      if (idlest == null || wire.underWay() < idlest.underWay()) {
        idlest = wire;
      }
    }
    if (idlest != null && idlest.underWay() > BUSY && wires.size() < max) {
      dial();
    }
    return idlest;
  }

  /** A new one, or the one that is being opened. */
  Future<RedisWire> dial() {
    if (dialling == null) {
      Future<RedisWire> opening = dialer.dial(node);
      dialling = opening;
      opening.onComplete(result -> {
        dialling = null;
        if (result.succeeded()) {
          opened(result.result());
        }
      });
      return opening;
    }
    return dialling;
  }

  boolean isEmpty() {
    return wires.isEmpty();
  }

  int size() {
    return wires.size();
  }

  void close() {
    closed = true;
    List.copyOf(wires).forEach(RedisWire::close);
  }

  private void opened(RedisWire wire) {
    if (closed) {
      wire.close();
      return;
    }
    wires.add(wire);
    wire.countIn(traffic);
    wire.onEnd(() -> {
      wires.remove(wire);
      if (!closed) {
        lost.run();
      }
    });
  }
}
