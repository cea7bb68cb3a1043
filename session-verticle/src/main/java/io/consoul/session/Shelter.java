package io.consoul.session;

import io.vertx.core.Future;
import java.util.Collection;

/**
 * Where sessions live while Redis is away, and until what was said in them meanwhile is merged into it. A session is in here
 * from {@link #adopt}, or from its first turn or its creation in here, until {@link #release}; as long as it is, it is served
 * from here only. It neither expires nor makes room for others while there is something of it to merge. Each method is one
 * atomic step.
 *
 * <p>Failures: E110 where the shelter cannot be reached or is full.
 */
interface Shelter {

  /**
   * A session in the shelter.
   *
   * @param session what there is of it; {@link MemorySession#unmerged} says from which turn on Redis does not have it; null
   *     where it was deleted and not made anew
   * @param deleted whether Redis may still hold one of this name that was deleted in the outage, before this one was made
   * @param remade whether one of this name was deleted in the outage, here and perhaps by now in Redis
   * @param deletion which delete of this name was the last one, 0 where there was none
   */
  record Guest(
      String sessionKey, MemorySession session, boolean deleted, boolean remade, long deletion) {

    /** The same, as if nothing of this name were to be deleted. */
    Guest withoutDelete() {
      return new Guest(sessionKey, session, false, remade, deletion);
    }
  }

  /** Turns of the sessions in here; a session that is not here is made, and marked {@link MemorySession#isPartial}. */
  SessionStore store();

  /** The sessions in here as wholes. A delete is to be noted with {@link #delete}. */
  SessionCatalog catalog();

  /** As {@link #store}, for sessions that are known to be in here: fails with E100 where they have left meanwhile. */
  default SessionStore guestStore() {
    return store();
  }

  /** As {@link #guestStore}. */
  default SessionCatalog guestCatalog() {
    return catalog();
  }

  /** Whether the session is in here, or was and is deleted: then nothing else may serve it. */
  Future<Boolean> holds(String sessionKey);

  /**
   * Takes a copy in, with its pending turn, lease and journal; fences in here are higher than any of it from now on. Where the
   * session is here, the copy counts that has more of what Redis had; nothing is done where it was deleted here.
   */
  Future<Void> adopt(MemorySession copy);

  /** Notes that the session of this name in Redis is to be deleted before anything else of it is merged. */
  Future<Void> delete(String sessionKey);

  /** The session as it is now, or null where it is not in here. Not to be changed. */
  Future<Guest> export(String sessionKey);

  /**
   * Asks for the right to merge this session, until its {@link #release} or for some seconds.
   *
   * @return false where another instance has it
   */
  Future<Boolean> claim(String sessionKey);

  /**
   * Redis has done the delete that was noted, and has the session. Does nothing where it was deleted again since: then Redis
   * has what it should not, and the next one of its name has nothing there.
   *
   * @param guest as {@link #export} told it
   * @param turns that Redis has of it, of those that there were then
   */
  Future<Void> merged(Guest guest, int turns);

  /**
   * Lets the session go, if no turn of it is in progress and nothing of it is left to merge.
   *
   * @return whether it is in here no longer
   */
  Future<Boolean> release(String sessionKey);

  /** Keys of the sessions in here, those included that have nothing to merge. */
  Future<Collection<String>> guests();

  /** Those of them that this instance is to merge after an outage of its own. */
  Future<Collection<String>> own();

  /** Whether it is the same for every instance of the cluster, and outlives a node: then no journal is needed. */
  boolean isShared();
}
