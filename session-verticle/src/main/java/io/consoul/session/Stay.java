package io.consoul.session;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * What a shelter that a cluster shares notes of a session beside the session itself, and the steps that only a shelter has, as
 * {@link Shelter} says. Part of a {@link Cell}, and confined like it.
 */
final class Stay {

  /** Longer than a delete in Redis may take, after which nothing that two do at the same time does harm. */
  static final long CLAIM_MILLIS = 5_000;

  /** Whether Redis has yet to delete the session of this name; null where it was not deleted. */
  private volatile Boolean deletion;

  /** Which delete of this name was the last one; 0 where it was not deleted. */
  private long lastDeletion;

  private String claimant = "";
  private long claimedUntil;

  /** Whether a session of this name was deleted in here. Any thread may ask. */
  boolean isDeleted() {
    return deletion != null;
  }

  Outcome take(CellStep step, MemoryStore store, String key) {
    MemorySession guest = store.look(key);
    switch (step.kind()) {
      case HOLDS -> {
        return new Outcome(new JsonObject().put("holds", guest != null || isDeleted()));
      }
      case ADOPT -> {
        if (!isDeleted()) {
          adopt(MemorySession.fromJson(step.more()), guest, store);
        }
        return new Outcome(null);
      }
      case NOTE_DELETE -> {
        deletion = true;
        lastDeletion = Math.max(lastDeletion + 1, step.time().toEpochMilli());
        return new Outcome(null);
      }
      case CLAIM -> {
        return new Outcome(new JsonObject().put("claimed", claim(step)));
      }
      case EXPORT -> {
        return new Outcome(
            guest == null && !isDeleted()
                ? null
                : new JsonObject()
                    .put("session", guest == null ? null : guest.toJson())
                    .put("deletion", deletion)
                    .put("last_deletion", lastDeletion));
      }
      case MERGED -> {
        merged(step.more(), guest);
        return new Outcome(null);
      }
      case RELEASE -> {
        return new Outcome(new JsonObject().put("released", release(guest, store)));
      }
      default -> throw new IllegalStateException("not a step of a shelter: " + step.kind());
    }
  }

  private static void adopt(MemorySession copy, MemorySession guest, MemoryStore store) {
    long fence = guest == null ? 0 : guest.fence();
    MemorySession fuller = guest == null ? copy : FullerCopy.of(guest, copy);
    if (fuller == guest && guest.fence() == fence) {
      return;
    }
    if (guest != null) {
      store.release(guest);
    }
    store.adopt(fuller);
  }

  private boolean claim(CellStep step) {
    String by = step.more().getString("by");
    long now = step.time().toEpochMilli();
    if (!claimant.equals(by) && claimedUntil > now) {
      return false;
    }
    claimant = by;
    claimedUntil = now + CLAIM_MILLIS;
    return true;
  }

  /** What came after that export is not merged; where it was deleted since, Redis has what it should not. */
  private void merged(JsonObject told, MemorySession guest) {
    if (told.getLong("deletion") != lastDeletion) {
      return;
    }
    if (told.getBoolean("deleted") && isDeleted()) {
      deletion = false;
    }
    Instant created = told.getInstant("created");
    if (guest != null && guest.created().equals(created)) {
      guest.stored(told.getInteger("turns"));
    }
  }

  private boolean release(MemorySession guest, MemoryStore store) {
    claimant = "";
    claimedUntil = 0;
    if (Boolean.TRUE.equals(deletion)
        || guest != null && (guest.pending() != null || guest.isUnmerged())) {
      return false;
    }
    deletion = null;
    lastDeletion = 0;
    if (guest != null) {
      store.release(guest);
    }
    return true;
  }

  /** Of two parts of a cluster: what one of them has yet to do is to be done. */
  Stay with(Stay other) {
    Stay both = new Stay();
    both.deletion =
        deletion == null || Boolean.TRUE.equals(other.deletion) ? other.deletion : deletion;
    both.lastDeletion = Math.max(lastDeletion, other.lastDeletion);
    return both;
  }

  void writeTo(JsonObject json) {
    if (deletion != null) {
      json.put("deletion", deletion).put("last_deletion", lastDeletion);
    }
    if (claimedUntil > 0) {
      json.put("claimant", claimant).put("claimed_until", claimedUntil);
    }
  }

  void readFrom(JsonObject json) {
    deletion = json.getBoolean("deletion");
    lastDeletion = json.getLong("last_deletion", 0L);
    claimant = json.getString("claimant", "");
    claimedUntil = json.getLong("claimed_until", 0L);
  }
}
