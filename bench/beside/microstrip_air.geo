// The right half of a strip without thickness over a plane, twice as wide as it is high above it. From 8 heights on at
// the north and the east the field is that of a dipole.
Point(1) = {0, 0, 0};
Point(2) = {8, 0, 0};
Point(3) = {8, 1, 0};
Point(4) = {8, 8, 0};
Point(5) = {0, 8, 0};
Point(6) = {0, 1, 0};
Point(7) = {1, 1, 0};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 5};
Line(5) = {5, 6};
Line(6) = {6, 7};
Line(7) = {7, 3};
Line(8) = {6, 1};
Curve Loop(1) = {1, 2, -7, -6, 8};
Curve Loop(2) = {3, 4, 5, 6, 7};
Plane Surface(1) = {1};
Plane Surface(2) = {2};
Physical Surface(1) = {1, 2};
Physical Curve(11) = {6};
Physical Curve(12) = {1};
Physical Curve(14) = {4};
Physical Curve(15) = {2, 3};
corners[] = {7};
alpha = 1 / 2;
Include "graded.geo";
