package io.consoul.node;

import io.consoul.message.Addresses;
import io.consoul.message.Bus;
import io.consoul.message.BusCodec;
import io.consoul.message.Handlers;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Who is alive in the cluster and where each verticle instance takes its messages. Every instance says hello once a
 * second; a sender picks the inbox itself, because the bus's round-robin goes on feeding a frozen node for seconds.
 *
 * <p>One per node, used from many event loops: the entries are immutable and replaced whole.
 */
public final class Directory {

  static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Three hellos missed, and a little more for a node that collects garbage. */
  static final Duration SILENCE = Duration.ofMillis(3_500);

  private record Entry(Hello hello, Instant heard) {}

  private final Vertx vertx;
  private final Bus bus;
  private final InstantSource clock;
  private final String node;
  private final Context context;
  private final Map<String, Membership> own = new ConcurrentHashMap<>();
  private final Map<String, Entry> others = new ConcurrentHashMap<>();
  private MessageConsumer<Object> consumer;
  private long timer;
  private volatile boolean closed;

  private Directory(Vertx vertx, Bus bus, InstantSource clock, String node) {
    this.vertx = vertx;
    this.bus = bus;
    this.clock = clock;
    this.node = node;
    this.context = vertx.getOrCreateContext();
  }

  /** @return the directory once it hears the others */
  static Future<Directory> open(Vertx vertx, Bus bus, InstantSource clock, String node) {
    Directory directory = new Directory(vertx, bus, clock, node);
    Promise<Directory> open = Promise.promise();
    directory.context.runOnContext(start -> {
      directory.consumer =
          bus.serve(Addresses.EVENTS_NODE, new Handlers().onEvent(Hello.class, directory::heard));
      directory.timer = vertx.setPeriodic(INTERVAL.toMillis(), id -> directory.tick());
      directory.consumer.completion().map(directory).onComplete(open);
    });
    return open.future();
  }

  /** Enters an instance of this JVM under a new inbox; it is found from now on. */
  public Membership join(Kind kind) {
    String inbox = "consoul." + kind.wireName() + ".inbox." + UUID.randomUUID();
    Membership membership = new Membership(this, kind, node, inbox);
    own.put(inbox, membership);
    announce(membership.hello());
    return membership;
  }

  /** All instances of a kind that take work, those of this JVM first, each group by load. */
  public List<Hello> serving(Kind kind) {
    return Stream.concat(ownServing(kind), othersServing(kind)).toList();
  }

  /** The instance to send work to: one of this JVM when there is one, else the least loaded. */
  public Optional<Hello> pick(Kind kind) {
    return ownServing(kind).findFirst().or(() -> othersServing(kind).findFirst());
  }

  /** As {@link #pick(Kind)}, leaving out inboxes that did not answer. */
  public Optional<Hello> pickOther(Kind kind, Collection<String> tried) {
    return serving(kind).stream()
        .filter(hello -> !tried.contains(hello.inbox()))
        .findFirst();
  }

  /**
   * The instance that owns this key: within one JVM always the same one as long as its instances stay the same. Where
   * this JVM has none, or none of its own can reach their store while another node's can, one of the least loaded node.
   * The instances of a node hear of their store one after the other: meanwhile no key changes its owner.
   */
  public Optional<Hello> pickFor(Kind kind, String key) {
    List<Hello> here = ownServing(kind).toList();
    List<Hello> away = othersServing(kind).toList();
    List<Hello> candidates = Stream.of(
            ofOneNode(here, reachTheirStore(here)),
            ofOneNode(away, reachTheirStore(away)),
            here,
            ofOneNode(away, away))
        .filter(group -> !group.isEmpty())
        .findFirst()
        .orElse(List.of());
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    List<Hello> ordered =
        candidates.stream().sorted(Comparator.comparing(Hello::inbox)).toList();
    return Optional.of(ordered.get(Math.floorMod(spread(key.hashCode()), ordered.size())));
  }

  /** What the instances of this JVM say that they have to do, those that drain included. */
  public int ownLoad(Kind kind) {
    return own.values().stream()
        .map(Membership::hello)
        .filter(hello -> hello.kind() == kind)
        .mapToInt(Hello::load)
        .sum();
  }

  /** Whether this inbox belongs to an instance that was heard of lately. */
  public boolean knows(String inbox) {
    return own.containsKey(inbox) || others.containsKey(inbox);
  }

  /** Whether an instance of this node was heard of lately, or it is this one. */
  public boolean knowsNode(String id) {
    return id.equals(node)
        || others.values().stream().anyMatch(entry -> entry.hello().node().equals(id));
  }

  /** The cluster says that this node is gone: so are all its instances, at once. */
  public void nodeLeft(String id) {
    others.values().removeIf(entry -> entry.hello().node().equals(id));
  }

  /** The cluster says that this node is there, perhaps again. */
  public void nodeJoined(String id) {}

  /** Number of nodes with at least one instance, this one included. */
  public int nodes() {
    return 1
        + (int) others.values().stream()
            .map(entry -> entry.hello().node())
            .distinct()
            .count();
  }

  /** From now on nothing is announced: what leaves later leaves together with the node. */
  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    Promise<Void> silent = Promise.promise();
    // Behind the hellos that are on their way to this context: they would be discarded with a
    // warning each.
    context.runOnContext(last -> consumer.unregister().onComplete(silent));
    return silent.future();
  }

  void announce(Hello hello) {
    if (!closed) {
      bus.publish(Addresses.EVENTS_NODE, hello);
    }
  }

  void remove(Membership membership) {
    own.remove(membership.inbox());
  }

  private void heard(Hello hello) {
    if (hello.node().equals(node)) {
      return;
    }
    if (hello.gone()) {
      others.remove(hello.inbox());
    } else {
      others.put(hello.inbox(), new Entry(hello, clock.instant()));
    }
    bus.write(oldestFrameRead());
  }

  private void tick() {
    Instant limit = clock.instant().minus(SILENCE);
    if (others.values().removeIf(entry -> entry.heard().isBefore(limit))) {
      bus.write(oldestFrameRead());
    }
    own.values().forEach(membership -> announce(membership.hello()));
  }

  private int oldestFrameRead() {
    return others.values().stream()
        .mapToInt(entry -> entry.hello().frameVersion())
        .min()
        .orElse(BusCodec.NEWEST_VERSION);
  }

  private static List<Hello> reachTheirStore(List<Hello> instances) {
    return instances.stream()
        .filter(hello -> hello.store() == null || hello.store().isWhole())
        .toList();
  }

  /** All instances of the node that the first of the preferred ones is on; none where none is preferred. */
  private static List<Hello> ofOneNode(List<Hello> instances, List<Hello> preferred) {
    return instances.stream()
        .filter(hello ->
            !preferred.isEmpty() && hello.node().equals(preferred.get(0).node()))
        .toList();
  }

  private Stream<Hello> ownServing(Kind kind) {
    return serving(own.values().stream().map(Membership::hello), kind);
  }

  private Stream<Hello> othersServing(Kind kind) {
    return serving(others.values().stream().map(Entry::hello), kind);
  }

  private static Stream<Hello> serving(Stream<Hello> hellos, Kind kind) {
    return hellos
        .filter(hello -> hello.kind() == kind && !hello.draining())
        .sorted(Comparator.comparingInt(Hello::load));
  }

  /** String hashes of similar ids differ in their low bits only; this mixes them. */
  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
