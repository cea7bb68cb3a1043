package io.consoul.session;

import io.consoul.message.Addresses;
import io.consoul.message.StoreChanged;
import io.consoul.message.StoreState;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.redis.RedisHealth;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the session instances of a JVM share about outages of Redis: the journal with what an earlier process left in it, and
 * what the world is told. An outage begins with the first instance that goes into it and ends with the last one that has
 * merged all. May be used on any thread.
 */
final class Outage {

  private static final Logger log = LoggerFactory.getLogger(Outage.class);

  private final Node node;
  private final Optional<OutageJournal> journal;
  private final StoreState state;
  private final List<Gauge> gauges;
  private final Counter recovered;
  private final Map<String, Shelter.Guest> left = new ConcurrentHashMap<>();

  // The rest is guarded by this.
  private final Set<Membership> members = new HashSet<>();
  private final Set<Membership> inIt = new HashSet<>();
  private Future<Void> opened;
  private long merged;

  /**
   * @param journal empty where the shelter outlives a node, and where there is none
   * @param sheltered whether sessions are sheltered in an outage; else requests are refused
   */
  Outage(Node node, RedisHealth health, Optional<OutageJournal> journal, boolean sheltered) {
    this.node = node;
    this.journal = journal;
    this.state = sheltered ? StoreState.DEGRADED : StoreState.DOWN;
    gauges = List.of(
        Gauge.builder("consoul.redis.degraded", this, Outage::degraded)
            .description("1 while sessions are kept elsewhere because Redis does not answer")
            .register(node.meters()),
        Gauge.builder("consoul.redis.up", health, each -> each.isDown() ? 0 : 1)
            .description("1 while the Redis of this use answers")
            .tag("use", "session")
            .register(node.meters()));
    recovered = Counter.builder("consoul.redis.recovered")
        .description("how often Redis came back and had everything that was said meanwhile")
        .register(node.meters());
  }

  /** Reads the journal, once; to be waited for before a session is served. */
  synchronized Future<Void> open() {
    if (opened == null) {
      opened = journal
          .map(file -> file.open().<Void>map(found -> {
            found.forEach((key, entries) -> left.put(key, JournalEntry.replay(key, entries)));
            if (!left.isEmpty()) {
              log.warn(
                  "sessions of an outage before this start are in the journal and will be merged: {}",
                  left.size());
            }
            return null;
          }))
          .orElseGet(Future::succeededFuture);
    }
    return opened;
  }

  Optional<OutageJournal> journal() {
    return journal;
  }

  /** Keys of sessions that an earlier process left in the journal and that no instance has taken. */
  List<String> left() {
    return List.copyOf(left.keySet());
  }

  /** Gives a session that an earlier process left to the instance that owns it; null where there is none. */
  Shelter.Guest claim(String sessionKey) {
    return left.isEmpty() ? null : left.remove(sessionKey);
  }

  /** There was no room for it. */
  void giveBack(Shelter.Guest guest) {
    left.put(guest.sessionKey(), guest);
  }

  synchronized void join(Membership member) {
    members.add(member);
    member.store(inIt.isEmpty() ? StoreState.REDIS : state);
  }

  synchronized void leave(Membership member) {
    members.remove(member);
    if (inIt.remove(member) && inIt.isEmpty()) {
      members.forEach(each -> each.store(StoreState.REDIS));
    }
  }

  /** When the last one has left. */
  Future<Void> close() {
    gauges.forEach(node.meters()::remove);
    return journal.map(OutageJournal::close).orElseGet(Future::succeededFuture);
  }

  /** This instance uses Redis no longer, or does not yet. */
  synchronized void began(Membership member) {
    boolean first = inIt.isEmpty();
    inIt.add(member);
    if (first) {
      merged = 0;
      members.forEach(each -> each.store(state));
      log.warn(
          state == StoreState.DEGRADED
              ? "sessions are kept on this node until Redis is there and has all that was said meanwhile"
              : "requests are refused until Redis is back");
      node.bus().announce(Addresses.EVENTS_STORE, new StoreChanged(node.id(), state, 0));
    }
  }

  /**
   * This instance uses Redis again, and nothing of the outage is left.
   *
   * @param turns of the outage that it has merged
   */
  synchronized void ended(Membership member, long turns) {
    merged += turns;
    if (inIt.remove(member) && inIt.isEmpty()) {
      members.forEach(each -> each.store(StoreState.REDIS));
      recovered.increment();
      log.info("Redis is back and has everything that was said meanwhile: turns={}", merged);
      node.bus()
          .announce(Addresses.EVENTS_STORE, new StoreChanged(node.id(), StoreState.REDIS, merged));
    }
  }

  private synchronized double degraded() {
    return inIt.isEmpty() || state != StoreState.DEGRADED ? 0 : 1;
  }
}
