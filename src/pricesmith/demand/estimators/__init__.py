"""Estimators of the literature by themselves: pure functions of arrays, one method a file, each held to printed digits or a peer.

They share sums of products that add (`moments`). Prices are chosen by the model beside this folder, which does all of it at once: the
count regression (`fit`, `glm`), pooling (`hierarchy`, `priors`), the control function (`first_stage`, `identification`).
"""
