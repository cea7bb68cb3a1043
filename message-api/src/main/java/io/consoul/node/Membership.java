package io.consoul.node;

import io.consoul.message.BusCodec;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.StoreState;

/** One verticle instance's entry in the {@link Directory}: its inbox, how much it has to do, whether it takes more. */
public final class Membership {

  private final Directory directory;
  private final Kind kind;
  private final String node;
  private final String inbox;
  private volatile int load;
  private volatile boolean draining;
  private volatile StoreState store;

  Membership(Directory directory, Kind kind, String node, String inbox) {
    this.directory = directory;
    this.kind = kind;
    this.node = node;
    this.inbox = inbox;
  }

  /** The address to serve. */
  public String inbox() {
    return inbox;
  }

  /** Turns in progress; told to the cluster with the next hello, known in this JVM at once. */
  public void load(int turns) {
    load = turns;
  }

  /** Where this session instance keeps its sessions from now on. */
  public void store(StoreState state) {
    if (state != store) {
      store = state;
      directory.announce(hello());
    }
  }

  /** Null before it is told. */
  public StoreState store() {
    return store;
  }

  /** From now on nobody sends new work here. */
  public void drain() {
    draining = true;
    directory.announce(hello());
  }

  /** The last word: the instance is gone. */
  public void leave() {
    directory.remove(this);
    directory.announce(
        new Hello(kind, node, inbox, load, true, true, BusCodec.NEWEST_VERSION, store));
  }

  Hello hello() {
    return new Hello(kind, node, inbox, load, draining, false, BusCodec.NEWEST_VERSION, store);
  }
}
