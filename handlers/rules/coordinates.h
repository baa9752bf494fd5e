/* Coordinates: GCJ-02, as phones and maps in China have it, and WGS-84, as satellites give it. Millionths of a degree. */
#ifndef MINHU_COORDINATES_H
#define MINHU_COORDINATES_H

#include <stdint.h>

enum coordinate_system { COORDINATES_GCJ02, COORDINATES_WGS84 };

/* The widely published approximation of the national offset: within 2 m of what map services give. Outside of a rectangle around
 * China (72.004–137.8347 east, 0.8293–55.8271 north) nothing is offset. */
void gcj02_from_wgs84(int64_t *lng, int64_t *lat);
/* Its inverse, by iteration: there and back is within one millionth of a degree (0.1 m). */
void wgs84_from_gcj02(int64_t *lng, int64_t *lat);

#endif
